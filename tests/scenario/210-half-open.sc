# Goal: a flood of SYNs pushes out its own, and the honest session beside it works
conf max-half-open 2
session honest 10.0.0.2:40000 192.0.2.1:21
login
session one 10.0.0.3:40001 192.0.2.1:21
connect
session two 10.0.0.4:40002 192.0.2.1:21
connect
session three 10.0.0.5:40003 192.0.2.1:21
connect
expect note limit-half-open
use one
expect no-session
use three
S> 220 ready\r\n
expect class clear
use honest
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
