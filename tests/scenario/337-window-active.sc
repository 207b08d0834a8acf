# Goal: a command of PORT's length and a short reply open one window from the server to that client
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof none
conf opaque-active any
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
expect open ask-active 192.0.2.1 10.0.0.2 opaque
C> <app 39>
S> <app 47>
expect open window-active 192.0.2.1 10.0.0.2 window
session a 192.0.2.1:33333 10.0.0.2:40500
syn
expect used window-active 192.0.2.1 10.0.0.2
expect verdict proven
session b 192.0.2.1:33334 10.0.0.2:40500
syn
expect note no-window
expect verdict none
