# Goal: after CCC a refused AUTH leads back to pinholes
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S> <app 58><app 19>
C> <app 19>
C> AUTH TLS\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
expect class tls-wanted
S> 534 no\r\n
expect class clear
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
