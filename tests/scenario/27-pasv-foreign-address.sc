# Goal: a 227 with another address opens the session's own server end, and says so
login
C> PASV\r\n
S> 227 ok (172,16,9,9,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
expect note pasv-address
