# Goal: ports on the deny-list and control ports are never opened
conf deny-ports 3306 6000-6063
conf ports 21 2121
login
C> PASV\r\n
S> 227 ok (192,0,2,1,12,234)\r\n
expect note port-denied
C> PORT 10,0,0,2,23,112\r\n
expect note port-denied
S> 200 ok\r\n
C> EPRT |1|10.0.0.2|6063|\r\n
expect note port-denied
S> 200 ok\r\n
C> EPSV\r\n
S> 229 ok (|||2121|)\r\n
expect note port-denied
expect nothing-open
C> EPSV\r\n
S> 229 ok (|||6064|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 6064 epsv
