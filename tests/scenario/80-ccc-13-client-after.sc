# Goal: CCC under TLS 1.3, the client's close_notify behind the server's; the first clear line is PASV
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S> <app 58>
S> <app 19>
expect class opaque
C> <app 19>
expect class opaque
C> PASV\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
expect note ccc
expect class clear-after-ccc
expect mark clear-after-ccc
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
data 10.0.0.2 192.0.2.1 50000
C> EPSV\r\n
S> 229 ok (|||50001|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 epsv
C> PORT 10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
S> 500 no\r\n
expect close pinhole 192.0.2.1 10.0.0.2 40001 port-rejected
