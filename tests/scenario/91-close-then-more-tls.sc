# Goal: a record of a close's shape that more TLS follows was none
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S> <app 19>
S> <app 60>
C> PORT 10,0,0,2,156,65\r\n
S> <app 60>
expect note clear-in-tls
expect no-open
expect class opaque
