# Goal: an announcement that cannot be read opens nothing and stalls nothing
login
C> PASV\r\n
S> 227 soon\r\n
expect note malformed
C> PASV\r\n
S> 227\r\n
expect note malformed
C> PASV\r\n
S> 227 ok (192,0,2,1,195)\r\n
expect note malformed
C> EPSV\r\n
S> 229 ok (|||50000\r\n
expect note malformed
C> PORT 10,0,0,2,156\r\n
expect note malformed
S> 501 no\r\n
C> PORT\r\n
expect note malformed
S> 501 no\r\n
C> PORT 10,0,0,2,156,65 and more\r\n
expect note malformed
S> 501 no\r\n
C> PORTAL 10,0,0,2,156,65\r\n
expect no-open
S> 500 what\r\n
C> EPRT |3|10.0.0.2|40001|\r\n
expect note family-unknown
S> 522 no\r\n
C> EPRT |1|10.0.0.2|\r\n
expect note malformed
S> 501 no\r\n
C> EPRT |2|10.0.0.2|40001|\r\n
expect no-open
S> 501 no\r\n
expect nothing-open
C> PASV\r\n
S> 227 Mode 1 (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
