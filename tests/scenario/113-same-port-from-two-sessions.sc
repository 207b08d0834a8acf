# Goal: two sessions of one pair announcing one port have one pinhole, the newest one's
session one 10.0.0.2:40000 192.0.2.1:21
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
session two 10.0.0.2:40001 192.0.2.1:21
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect close pinhole 10.0.0.2 192.0.2.1 50000 replaced
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
use one
rst C
expect no-session
use two
rst C
expect close pinhole 10.0.0.2 192.0.2.1 50000 control-ended
