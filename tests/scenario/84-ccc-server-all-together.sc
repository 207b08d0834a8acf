# Goal: CCC with the server's 200, its close_notify and a clear reply in one segment
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22><app 19>PASV\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
S> <app 58><app 19>227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
expect class clear-after-ccc
