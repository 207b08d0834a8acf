# Goal: in strict nothing is let in without a window
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof none
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
C> <app 23>
S> <app 100>
session a 10.0.0.2:41000 192.0.2.1:50002
syn
expect note no-window
expect verdict none
expect counter windows_missed 0
