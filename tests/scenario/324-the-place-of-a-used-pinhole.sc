# Goal: a refused PORT whose pinhole has gone does not close the one in its place
login
C> PORT 10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
data 192.0.2.1 10.0.0.2 40001
expect used pinhole 192.0.2.1 10.0.0.2 40001
C> PORT 10,0,0,2,156,66\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40002 port
S> 500 no\r\n
S> 200 ok\r\n
fin C
fin S
expect close pinhole 192.0.2.1 10.0.0.2 40002 control-ended
expect no-session
