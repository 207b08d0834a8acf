# Goal: only the configured ports are control ports
conf ports 2121
conf implicit-ports none
session standard 10.0.0.2:40000 192.0.2.1:21
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect no-session
expect nothing-open
session other 10.0.0.2:40001 192.0.2.1:2121
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
