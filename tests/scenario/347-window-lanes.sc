# Goal: two sessions of one pair have a window each
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof none
session one 10.0.0.2:40000 192.0.2.1:21
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
session two 10.0.0.2:40001 192.0.2.1:21
encrypt 1.3
use one
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
use two
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1*1 window
session a 10.0.0.2:41000 192.0.2.1:50002
syn
expect used window-passive 10.0.0.2 192.0.2.1
expect verdict proven
session b 10.0.0.2:41001 192.0.2.1:50003
syn
expect used window-passive 10.0.0.2 192.0.2.1*1
expect verdict proven
session c 10.0.0.2:41002 192.0.2.1:50004
syn
expect note no-window
