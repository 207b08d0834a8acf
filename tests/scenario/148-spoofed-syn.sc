# Goal: a forged SYN for a running session does not disturb it
login
session forged 10.0.0.2:40000 192.0.2.1:21 77777777 1
syn
use main
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
