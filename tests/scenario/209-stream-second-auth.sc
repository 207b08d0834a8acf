# Goal: AUTH inside TLS is nothing when refused, and the end when accepted
stream-login
stream C AUTH TLS\r\n
stream S 234 go on\r\n
stream C AUTH TLS\r\n
expect class terminated
stream S 503 already\r\n
expect class terminated
stream C PASV\r\n
stream S 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
stream C AUTH TLS\r\n
stream S 234 again\r\n
expect close pinhole 10.0.0.2 192.0.2.1 50000 state-changed
expect mark not-ftp
