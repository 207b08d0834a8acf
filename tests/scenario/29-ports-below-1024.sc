# Goal: no port below 1024 is opened, whoever announces it
login
C> PASV\r\n
S> 227 ok (192,0,2,1,0,22)\r\n
expect note port-privileged
C> EPSV\r\n
S> 229 ok (|||1023|)\r\n
expect note port-privileged
C> PASV\r\n
S> 227 ok (192,0,2,1,0,0)\r\n
expect note port-privileged
C> PORT 10,0,0,2,0,25\r\n
expect note port-privileged
S> 200 ok\r\n
C> EPRT |1|10.0.0.2|445|\r\n
expect note port-privileged
S> 200 ok\r\n
expect nothing-open
C> EPSV\r\n
S> 229 ok (|||1024|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 1024 epsv
