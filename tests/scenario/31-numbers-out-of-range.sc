# Goal: a number above 255, a port above 65535 opens nothing
login
C> PASV\r\n
S> 227 ok (192,0,2,1,300,80)\r\n
expect note number-range
C> PASV\r\n
S> 227 ok (192,0,2,1,195,256)\r\n
expect note number-range
C> PORT 10,0,0,2,300,80\r\n
expect note number-range
S> 200 ok\r\n
C> EPSV\r\n
S> 229 ok (|||65536|)\r\n
expect note number-range
C> EPSV\r\n
S> 229 ok (|||4294967346|)\r\n
expect note number-range
C> EPRT |1|10.0.0.2|115536|\r\n
expect note number-range
expect nothing-open
