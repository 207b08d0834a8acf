# Goal: a clear command behind AUTH ends the session when the server accepts
stream-login
stream C AUTH TLS\r\nDELE x\r\n
stream S 234 go on\r\n
expect note auth-trailing
expect mark not-ftp
stream C PASV\r\n
stream S 227 ok (192,0,2,1,195,80)\r\n
expect no-open
