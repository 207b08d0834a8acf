# Goal: a newer announcement replaces the pinhole of an older one
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
C> EPSV\r\n
S> 229 ok (|||50001|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 epsv
expect close pinhole 10.0.0.2 192.0.2.1 50000 replaced
C> PORT 10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
S> 200 ok\r\n
expect close pinhole 10.0.0.2 192.0.2.1 50001 replaced
C> PORT 10,0,0,2,156,65\r\n
expect close pinhole 192.0.2.1 10.0.0.2 40001 replaced
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
