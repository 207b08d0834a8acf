# Goal: one client address cannot take all pinholes, and what it gives back counts
conf max-pinholes-per-client 1
session one 10.0.0.2:40000 192.0.2.1:21
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
session two 10.0.0.2:40001 192.0.2.2:21
login
C> PASV\r\n
S> 227 ok (192,0,2,2,195,81)\r\n
expect note limit-client
expect no-open
session other 10.0.0.3:40000 192.0.2.1:21
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,82)\r\n
expect open pinhole 10.0.0.3 192.0.2.1 50002 pasv
data 10.0.0.2 192.0.2.1 50000
expect used pinhole 10.0.0.2 192.0.2.1 50000
use two
C> PASV\r\n
S> 227 ok (192,0,2,2,195,83)\r\n
expect open pinhole 10.0.0.2 192.0.2.2 50003 pasv
