# Goal: what strict and lenient readers understand differently opens nothing
login
C> PORT 10,0,0,2,156,065\r\n
expect note ambiguous
S> 200 ok\r\n
C> PORT 012,0,0,2,156,65\r\n
expect note ambiguous
S> 200 ok\r\n
C>  PORT 10,0,0,2,156,65\r\n
expect no-open
S> 200 ok\r\n
C> PORT 10,0,0,2,156,65\n
expect note ambiguous
S> 200 ok\r\n
C> POR\0T 10,0,0,2,156,65\r\n
expect no-open
S> 200 ok\r\n
C> PORT 10,0,0,2,156,65\rPASV\r\n
expect no-open
S> 200 ok\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80) or (192,0,2,1,195,81)\r\n
expect note ambiguous
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\n
expect note ambiguous
C> EPSV\r\n
S> 229 ok (|||50000|) (|||50001|)\r\n
expect note ambiguous
expect nothing-open
