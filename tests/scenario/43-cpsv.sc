# Goal: CPSV is PASV with the TLS roles exchanged
login
C> CPSV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
