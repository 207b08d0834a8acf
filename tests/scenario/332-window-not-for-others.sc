# Goal: a window is for its client, its server and the server's range
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof none
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
session other 10.0.0.3:41000 192.0.2.1:50002
syn
expect verdict none
session elsewhere 10.0.0.2:41000 192.0.2.2:50002
syn
expect verdict none
session outside 10.0.0.2:41001 192.0.2.1:50101
syn
expect verdict none
session back 192.0.2.1:20 10.0.0.2:50002
syn
expect verdict none
session right 10.0.0.2:41002 192.0.2.1:50100
syn
expect used window-passive 10.0.0.2 192.0.2.1
expect verdict proven
