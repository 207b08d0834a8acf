# Goal: before the server has accepted a login nothing opens
connect
S> 220 ready\r\n
expect class clear
expect mark clear
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect note not-logged-in
C> USER anna\r\n
S> 331 password\r\n
C> PORT 10,0,0,2,156,65\r\n
expect note not-logged-in
S> 200 ok\r\n
C> PASS wrong hunter2\r\n
S> 530 no\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect note not-logged-in
# a 230 that answers something else is no login
C> NOOP\r\n
S> 230 welcome\r\n
C> EPSV\r\n
S> 229 ok (|||50000|)\r\n
expect note not-logged-in
C> PASS hunter2\r\n
S> 230-welcome\r\n230 to this place\r\n
expect note logged-in
C> EPSV\r\n
S> 229 ok (|||50000|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 epsv
