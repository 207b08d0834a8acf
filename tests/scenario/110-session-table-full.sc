# Goal: with the table full a new connection is refused and noted, the others go on
conf max-sessions 2
session one 10.0.0.2:40000 192.0.2.1:21
login
session two 10.0.0.2:40001 192.0.2.1:21
login
session three 10.0.0.2:40002 192.0.2.1:21
login
expect note limit-sessions
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect no-session
expect nothing-open
use one
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
rst C
expect close pinhole 10.0.0.2 192.0.2.1 50000 control-ended
session four 10.0.0.2:40003 192.0.2.1:21
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
