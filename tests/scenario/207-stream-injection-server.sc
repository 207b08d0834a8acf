# Goal: clear bytes behind 234 in the same piece end the session
segmentation matters
stream-login
stream C AUTH TLS\r\n
stream S 234 go on\r\n200 forged\r\n
expect note auth-trailing
expect mark not-ftp
session ccc 10.0.0.2:40001 192.0.2.1:21
stream-login
stream C AUTH TLS\r\n
stream S 234 go on\r\n
stream C CCC\r\n
stream S 200 ok\r\n227 ok (192,0,2,1,195,80)\r\n
expect note auth-trailing
expect mark not-ftp
expect no-open
