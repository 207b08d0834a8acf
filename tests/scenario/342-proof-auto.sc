# Goal: auto asks for what the session's data connections have shown, until PROT may have changed it
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof auto
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
S> a listing\r\n
expect verdict proven
use ctl
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
session b 10.0.0.2:41001 192.0.2.1:50002
syn
expect used window-passive 10.0.0.2 192.0.2.1
syn-ack
C> <client-hello 1.3 psk>
S> <server-hello 1.3 psk>
expect verdict proven
use ctl
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
session c 10.0.0.2:41002 192.0.2.1:50002
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
session d 10.0.0.2:41003 192.0.2.1:50002
syn
expect used window-passive 10.0.0.2 192.0.2.1
syn-ack
C> <client-hello 1.3>
expect note unproven
expect verdict cut
use ctl
C> <app 25>
S> <app 40>
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
session e 10.0.0.2:41004 192.0.2.1:50002
syn
expect used window-passive 10.0.0.2 192.0.2.1
syn-ack
S> a listing\r\n
expect verdict proven
