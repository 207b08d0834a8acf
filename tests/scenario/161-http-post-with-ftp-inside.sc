# Goal: a browser driven to send FTP commands opens nothing: its first line is not FTP
connect
S> 220 ready\r\n
C> POST / HTTP/1.1\r\nContent-Length: 60\r\n\r\nUSER anonymous\r\nPORT 10,0,0,2,156,65\r\n
expect class not-ftp
S> 500 what\r\n500 what\r\n500 what\r\n230 ok\r\n200 PORT\r\n
expect nothing-open
