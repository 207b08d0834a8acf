# Goal: one client address cannot take all sessions
conf max-sessions-per-client 1
session one 10.0.0.2:40000 192.0.2.1:21
login
session two 10.0.0.2:40001 192.0.2.1:21
connect
expect note limit-client
expect no-session
session other 10.0.0.3:40000 192.0.2.1:21
login
use one
fin C
fin S
session three 10.0.0.2:40002 192.0.2.1:21
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
