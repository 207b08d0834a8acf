# Goal: a body whose next segment begins with USER and PORT stays what it began as
segmentation matters
connect
S> 220 ready\r\n
C> POST / HTTP/1.1\r\nContent-Length: 9999\r\n\r\n
expect class not-ftp
C> USER lab\r\n
S> 331 pass\r\n
C> PASS x\r\n
S> 230 in\r\n
C> PORT 10,0,0,2,156,65\r\n
S> 200 ok\r\n
C> PASV\r\n
S> 227 x (192,0,2,1,195,80)\r\n
expect nothing-open
expect class not-ftp
