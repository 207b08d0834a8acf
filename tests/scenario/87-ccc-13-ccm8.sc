# Goal: CCC under TLS_AES_128_CCM_8_SHA256, whose close_notify has 11 bytes
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3 ccm8
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 14>
S> <app 50>
S> <app 11>
C> <app 11>
C> EPSV\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
S> 229 ok (|||50000|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 epsv
