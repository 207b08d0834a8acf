# Goal: a connection marked not-ftp stays closed after a restart
flow-found not-ftp
expect class not-ftp
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
C> PORT 10,0,0,2,156,65\r\n
expect class not-ftp
expect nothing-open
