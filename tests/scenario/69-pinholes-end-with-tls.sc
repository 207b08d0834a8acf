# Goal: what was announced in clear is gone when the session has become opaque
conf server 192.0.2.1 passive-range 50000-50100
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
C> AUTH TLS\r\n
S> 234 ok\r\n
tls 1.3
expect close pinhole 10.0.0.2 192.0.2.1 50000 state-changed
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
