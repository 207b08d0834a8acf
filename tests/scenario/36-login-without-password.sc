# Goal: 230 to USER alone is a login
connect
S> 220-hello\r\n220-there\r\n220 ready\r\n
C> USER anonymous\r\n
S> 230 no password needed\r\n
expect note logged-in
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
