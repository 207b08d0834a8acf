# Goal: a 234 that answers no AUTH does not make the session opaque
conf server 192.0.2.1 passive-range 50000-50100
login
C> NOOP\r\n
S> 234 go on\r\n
expect class clear
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
