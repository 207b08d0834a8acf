# Goal: grants over IPv6
conf server 2001:db8:1::/64 passive-range 50000-50100 opaque-active any
session six [2001:db8::2]:40000 [2001:db8:1::1]:990
connect
tls 1.2 chacha
expect open grant-passive 2001:db8::2 2001:db8:1::1 opaque
expect open grant-active 2001:db8:1::1 2001:db8::2 opaque
