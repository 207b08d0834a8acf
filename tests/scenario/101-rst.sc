# Goal: a RST of either side ends the session and closes what is open
session one 10.0.0.2:40000 192.0.2.1:21
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
rst C
expect close pinhole 10.0.0.2 192.0.2.1 50000 control-ended
expect no-session
session two 10.0.0.2:40001 192.0.2.1:21
login
C> PORT 10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
rst S
expect close pinhole 192.0.2.1 10.0.0.2 40001 control-ended
expect no-session
