# Goal: a refused AUTH leads back to clear, and pinholes work on
login
C> AUTH TLS\r\n
expect class tls-wanted
S> 502 no\r\n
expect note auth-refused
expect class clear
C> AUTH SSL\r\n
S> 504 no\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
