# Goal: without the policy's word protected data goes end to end
stream-login
stream C AUTH TLS\r\n
stream S 234 go on\r\n
stream C PROT P\r\n
stream S 200 ok\r\n
stream C PASV\r\n
stream S 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
