# Goal: a client cannot open more by sending PORT after PORT without an answer
login
C> PORT 10,0,0,2,156,65\r\n
C> PORT 10,0,0,2,156,66\r\n
C> PORT 10,0,0,2,156,67\r\n
C> PORT 10,0,0,2,156,68\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
expect open pinhole 192.0.2.1 10.0.0.2 40002 port
expect open pinhole 192.0.2.1 10.0.0.2 40003 port
expect open pinhole 192.0.2.1 10.0.0.2 40004 port
C> PORT 10,0,0,2,156,69\r\n
expect note limit-pinholes
expect no-open
fin C
fin S
expect close pinhole 192.0.2.1 10.0.0.2 40001 control-ended
expect close pinhole 192.0.2.1 10.0.0.2 40002 control-ended
expect close pinhole 192.0.2.1 10.0.0.2 40003 control-ended
expect close pinhole 192.0.2.1 10.0.0.2 40004 control-ended
expect no-session
