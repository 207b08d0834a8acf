# Goal: clear text on the implicit port is not FTP as we know it: nothing opens
session main 10.0.0.2:40000 192.0.2.1:990
connect
S> 220 ready\r\n
expect class not-ftp
expect mark not-ftp
C> USER anna\r\n
S> 230 ok\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect nothing-open
