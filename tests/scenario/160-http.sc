# Goal: HTTP on the control port is not FTP
connect
C> GET / HTTP/1.1\r\nHost: x\r\n\r\n
expect class not-ftp
expect note not-ftp
expect mark not-ftp
C> PORT 10,0,0,2,156,65\r\n
S> HTTP/1.1 400 Bad Request\r\n
S> 220 ready\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect nothing-open
