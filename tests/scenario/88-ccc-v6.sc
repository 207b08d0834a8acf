# Goal: CCC over IPv6, from implicit TLS
conf server 2001:db8:1::1 passive-range 50000-50100
session six [2001:db8::2]:40000 [2001:db8:1::1]:990
connect
tls 1.3
S> <app 37>
C> <app 28>
S> <app 48>
expect open grant-passive 2001:db8::2 2001:db8:1::1 opaque
C> <app 22>
S> <app 58>
S> <app 19>
C> <app 19>
C> EPRT |2|2001:db8::2|40001|\r\n
expect close grant-passive 2001:db8::2 2001:db8:1::1 state-changed
expect open pinhole 2001:db8:1::1 2001:db8::2 40001 eprt
