# Goal: bytes without any form open nothing and stall nothing
connect
S> <noise 700>\r\n
expect class not-ftp
C> <noise 3000>
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect nothing-open
