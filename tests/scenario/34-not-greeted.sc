# Goal: before the server's 220 nothing opens
connect
C> PORT 10,0,0,2,156,65\r\n
expect note not-greeted
expect class greeting
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect nothing-open
