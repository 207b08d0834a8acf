# Goal: windows over IPv6: 229 only, and implicit TLS
conf server 2001:db8:1::/64 passive-range 50000-50100 opaque grant window strict proof none
session six [2001:db8::2]:40000 [2001:db8:1::1]:990
connect
tls 1.2 chacha
expect open ask-passive 2001:db8::2 2001:db8:1::1 opaque
C> <app 22>
S> <app 62>
expect no-open
C> <app 22>
S> <app 64>
expect open window-passive 2001:db8::2 2001:db8:1::1 window
session a [2001:db8::2]:41000 [2001:db8:1::1]:50002
syn
expect used window-passive 2001:db8::2 2001:db8:1::1
expect verdict proven
