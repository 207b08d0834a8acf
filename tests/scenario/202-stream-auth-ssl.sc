# Goal: behind AUTH SSL and TLS-P servers differ about data: pinholed-tls looks
relay yes
stream-login
stream C AUTH SSL\r\n
stream S 234 go on\r\n
expect mark terminated
stream C PASV\r\n
stream S 227 ok (192,0,2,1,195,80)\r\n
expect open relay 10.0.0.2 192.0.2.1 50000 pasv
