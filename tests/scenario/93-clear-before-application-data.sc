# Goal: an alert in the handshake, then clear text, is no CCC
conf server 192.0.2.1 passive-range 50000-50100
connect
S> 220 ready\r\n
C> AUTH TLS\r\n
S> 234 ok\r\n
C> <client-hello 1.2>
S> <server-hello 1.2><handshake 14 0>
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> \x15\x03\x03\x00\x02\x02\x28
S> \x15\x03\x03\x00\x02\x02\x28
C> PORT 10,0,0,2,156,65\r\n
S> 200 ok\r\n
expect no-open
expect class opaque
