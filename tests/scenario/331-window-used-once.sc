# Goal: a window is for one connection; a second SYN is refused, and the note names the cure
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof none
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
session a 10.0.0.2:41000 192.0.2.1:50002
syn
expect used window-passive 10.0.0.2 192.0.2.1
expect verdict proven
session b 10.0.0.2:41001 192.0.2.1:50002
syn
expect note no-window
expect verdict none
