# Goal: REIN takes the login and the pinholes back
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
C> REIN\r\n
S> 502 no\r\n
expect no-open
C> REIN\r\n
S> 220 ready for new user\r\n
expect close pinhole 10.0.0.2 192.0.2.1 50000 rein
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect note not-logged-in
C> USER b\r\n
S> 331 password\r\n
C> PASS hunter2\r\n
S> 230 ok\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
