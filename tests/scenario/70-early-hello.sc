# Goal: a client that sends its hello without waiting for the 234 is followed
conf server 192.0.2.1 passive-range 50000-50100
connect
S> 220 ready\r\n
C> AUTH TLS\r\n<client-hello 1.3>
expect nothing-open
S> 234 ok\r\n<server-hello 1.3><ccs>
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
expect class opaque
