# Goal: in learn a transfer that no length announced is let in once, and its length opens windows from then on
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window learn proof none
session ctl 10.0.0.2:40000 192.0.2.1:21
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
C> <app 23>
S> <app 100>
expect no-open
session a 10.0.0.2:41000 192.0.2.1:50002
syn
expect note learned
expect verdict proven
session b 10.0.0.2:41001 192.0.2.1:50002
syn
expect note no-window
expect verdict none
use ctl
C> <app 23>
S> <app 101>
expect open window-passive 10.0.0.2 192.0.2.1 window
session c 10.0.0.2:41002 192.0.2.1:50003
syn
expect used window-passive 10.0.0.2 192.0.2.1
expect counter windows_missed 1
