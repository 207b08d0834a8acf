# Goal: an AUTH refused in the server's name gives no grant; told from an honest refusal where the server had accepted it before
conf server 192.0.2.1 passive-range 50000-50100
session first 10.0.0.2:40000 192.0.2.1:21
connect
S> 220 ready\r\n
C> AUTH TLS\r\n
S> 500 what?\r\n
expect note auth-refused
expect no-note auth-stripped
expect class clear
session other 10.0.0.3:40000 192.0.2.1:21
encrypt 1.3
expect open grant-passive 10.0.0.3 192.0.2.1
session second 10.0.0.2:40001 192.0.2.1:21
connect
S> 220 ready\r\n
C> AUTH SSL\r\n
S> 500 only TLS here\r\n
expect no-note auth-stripped
C> AUTH TLS\r\n
S> 500 what?\r\n
expect note auth-stripped
expect class clear
session other-port 10.0.0.2:40002 192.0.2.1:990
use second
C> USER anna\r\n
S> 331 password\r\n
C> PASS hunter2\r\n
S> 230 in\r\n
C> AUTH TLS\r\n
S> 503 not now\r\n
expect no-note auth-stripped
