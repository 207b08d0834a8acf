# Goal: CCC with the client's close_notify sent before the server's was seen
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S> <app 58>
C> <app 19>
S> <app 19>
C> EPRT |1|10.0.0.2|40001|\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
expect open pinhole 192.0.2.1 10.0.0.2 40001 eprt
S> 200 ok\r\n
expect no-open
