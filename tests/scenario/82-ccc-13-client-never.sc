# Goal: CCC without a close_notify of the client (curl's default): clear at once
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S> <app 58>
S> <app 19>
C> PWD\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
expect class clear-after-ccc
S> 257 "/"\r\n
C> EPSV\r\n
S> 229 ok (|||50000|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 epsv
