# Goal: 227 answers only PASV, 229 only EPSV, 228 only LPSV
login
C> EPSV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect note unsolicited
C> PASV\r\n
S> 229 ok (|||50000|)\r\n
expect note unsolicited
C> LPSV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect note unsolicited
C> PORT 10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
S> 227 ok (192,0,2,1,195,80)\r\n
expect note unsolicited
expect no-open
S> 200 late\r\n
C> EPSV ALL\r\n
S> 229 ok (|||50000|)\r\n
expect note unsolicited
expect no-open
