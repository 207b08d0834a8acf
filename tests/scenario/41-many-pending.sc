# Goal: more commands than fit are counted, so that later replies still find theirs
login
C> NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n
C> NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n
C> PASV\r\nPORT 10,0,0,2,156,65\r\n
expect note limit-commands
expect no-open
S> 200 1\r\n200 2\r\n200 3\r\n200 4\r\n200 5\r\n200 6\r\n200 7\r\n200 8\r\n
S> 200 1\r\n200 2\r\n200 3\r\n200 4\r\n200 5\r\n200 6\r\n200 7\r\n200 8\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect no-open
S> 200 the PORT\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,81)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 pasv
