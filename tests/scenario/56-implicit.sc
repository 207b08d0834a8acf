# Goal: on the implicit port TLS begins with the first byte
conf server 192.0.2.1 passive-range 50000-50100
session main 10.0.0.2:40000 192.0.2.1:990
connect
expect class greeting
expect nothing-open
tls 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
expect note tls-implicit
expect mark opaque
