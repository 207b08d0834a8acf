# Goal: CCC under TLS 1.2 with ChaCha20: alerts of 18 bytes; the client closes never
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.2 chacha
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 21>
S> <app 52>
S> <alert 18>
C> PORT 10,0,0,2,156,65\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
