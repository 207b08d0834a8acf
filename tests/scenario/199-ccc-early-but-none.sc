# Goal: clear bytes of the client that more TLS of the server follows open nothing, kept or too many
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.2
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 30>
C> PORT 10,0,0,2,156,65\r\nPASV\r\n
S> <app 60>
expect note clear-in-tls
S> 200 ok\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect no-open
expect class opaque
