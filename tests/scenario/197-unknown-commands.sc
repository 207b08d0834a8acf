# Goal: commands and replies that nobody knows keep their place in the queue
login
C> XFOO bar\r\n
C> SITE CHMOD 600 x\r\nPASV\r\n
S> 500 what\r\n
expect no-open
S> 200-yes\r\n 227 no (192,0,2,1,195,99)\r\n200 done\r\n
expect no-open
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
