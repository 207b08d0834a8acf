# Goal: clear text on a data connection that must be TLS is cut at its first byte, whoever speaks
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof tls
session ctl 10.0.0.2:40000 192.0.2.1:21
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
session a 10.0.0.2:41000 192.0.2.1:50002
syn
expect used window-passive 10.0.0.2 192.0.2.1
syn-ack
C> hello\r\n
expect note unproven
expect verdict cut
expect mark cut
use ctl
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
session b 10.0.0.2:41001 192.0.2.1:50002
syn
expect used window-passive 10.0.0.2 192.0.2.1
syn-ack
S> a listing\r\n
expect note unproven
expect verdict cut
use ctl
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
session c 10.0.0.2:41002 192.0.2.1:50002
syn
expect used window-passive 10.0.0.2 192.0.2.1
syn-ack
S> <server-hello 1.3>
expect note unproven
expect verdict cut
