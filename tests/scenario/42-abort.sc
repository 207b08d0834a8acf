# Goal: pairing survives ABOR, whose answers come in two
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
data 10.0.0.2 192.0.2.1 50000
C> RETR big\r\n
S> 150 opening\r\n
C> \xff\xf4\xff\xf2ABOR\r\n
S> 426 aborted\r\n
S> 226 abort successful\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,81)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 pasv
