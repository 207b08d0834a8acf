# Goal: CCC with the client's close_notify and its first clear line in one segment
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S> <app 58><app 19>
C> <app 19>PORT 10,0,0,2,156,65\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
S> 200 ok\r\n
C> NOOP\r\nPASV\r\n
S> 200 ok\r\n227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
expect close pinhole 192.0.2.1 10.0.0.2 40001 replaced
