# Goal: AUTH SSL, TLS-C and TLS-P begin TLS as AUTH TLS does, in any case
conf server 192.0.2.0/24 passive-range 50000-50100
session a 10.0.0.2:40000 192.0.2.1:21
connect
S> 220 ready\r\n
C> AUTH SSL\r\n
S> 234 AUTH SSL successful\r\n
tls 1.2
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
session b 10.0.0.2:40001 192.0.2.2:21
connect
S> 220 ready\r\n
C> AUTH TLS-C\r\n
S> 234 ok\r\n
tls 1.3
expect open grant-passive 10.0.0.2 192.0.2.2 opaque
session c 10.0.0.2:40002 192.0.2.3:21
connect
S> 220 ready\r\n
C> auth tls-p\r\n
S> 234 ok\r\n
tls 1.3
expect open grant-passive 10.0.0.2 192.0.2.3 opaque
