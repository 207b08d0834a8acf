# Goal: a clear line of the client without any close is no CCC
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.2
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> PORT 10,0,0,2,156,65\r\n
expect no-open
expect class opaque
S> <app 40>
expect note clear-in-tls
expect no-open
C> <app 30>
S> 227 ok (192,0,2,1,195,80)\r\n
expect no-open
expect class opaque
