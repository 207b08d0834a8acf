# Goal: a reload closes pinholes to ports that it denies, and no others
session one 10.0.0.2:40000 192.0.2.1:21
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
session two 10.0.0.3:40000 192.0.2.1:21
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,81)\r\n
expect open pinhole 10.0.0.3 192.0.2.1 50001 pasv
conf deny-ports 50000
wait 1s
expect close pinhole 10.0.0.2 192.0.2.1 50000 policy-changed
use one
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect note port-denied
expect no-open
