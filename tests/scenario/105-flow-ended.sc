# Goal: when conntrack has dropped the connection nothing of it stays open
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
flow-ended
expect close pinhole 10.0.0.2 192.0.2.1 50000 control-ended
expect no-session
