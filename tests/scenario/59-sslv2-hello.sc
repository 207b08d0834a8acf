# Goal: a hello in the shape of SSL version 2 begins TLS (RFC 5246 appendix E.2)
conf server 192.0.2.1 passive-range 50000-50100
connect
S> 220 ready\r\n
C> AUTH SSL\r\n
S> 234 ok\r\n
C> <sslv2-hello>
expect class tls-wanted
S> <server-hello 1.2><handshake 11 805><handshake 14 0>
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
expect class opaque
