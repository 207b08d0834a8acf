# Goal: a HelloRetryRequest is part of the handshake; the version is still found
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3 retry
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S> <app 58><app 19>
C> <app 19>
C> EPSV\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
S> 229 ok (|||50000|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 epsv
