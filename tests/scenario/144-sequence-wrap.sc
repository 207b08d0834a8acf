# Goal: sequence numbers that pass 2^32 in the middle of announcements
session wrap 10.0.0.2:40000 192.0.2.1:21 4294967255 4294967220
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
C@a> PORT 10,0,0,
C@b> 2,156,65\r\n
send b
send a
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
S> 200 ok\r\n
expect close pinhole 10.0.0.2 192.0.2.1 50000 replaced
