# Goal: what is learned from must be recent
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window learn proof none
conf window-timeout 5
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
C> <app 23>
S> <app 100>
wait 6s
session a 10.0.0.2:41000 192.0.2.1:50002
syn
expect note no-window
expect verdict none
