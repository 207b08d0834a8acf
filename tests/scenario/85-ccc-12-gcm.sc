# Goal: CCC under TLS 1.2 with AES-GCM: alerts of 26 bytes
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.2
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 29>
S> <app 65>
S> <alert 26>
C> <alert 26>
C> EPSV\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
expect class clear-after-ccc
S> 229 ok (|||50000|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 epsv
