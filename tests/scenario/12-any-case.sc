# Goal: commands count in any case (RFC 959 section 5.3)
login
C> pasv\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
data 10.0.0.2 192.0.2.1 50000
C> pOrT 10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
data 192.0.2.1 10.0.0.2 40001
S> 200 ok\r\n
C> eprt |1|10.0.0.2|40002|\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40002 eprt
