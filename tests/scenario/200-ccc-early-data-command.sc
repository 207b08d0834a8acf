# Goal: a data command that passes before the server's close_notify opens with that close_notify
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S> <app 58>
C> PORT 10,0,0,2,156,65\r\n
expect no-open
expect class opaque
S> <app 19>
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
expect class clear-after-ccc
S> 200 ok\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect close pinhole 192.0.2.1 10.0.0.2 40001 replaced
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
