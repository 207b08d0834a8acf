# Goal: an encrypted alert before any application data, then clear text, is no CCC
conf server 192.0.2.1 passive-range 50000-50100
connect
S> 220 ready\r\n
C> AUTH TLS\r\n
S> 234 ok\r\n
tls 1.2
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
S> <alert 26>
C> PORT 10,0,0,2,156,65\r\n
S> 200 ok\r\n
expect no-open
expect class opaque
