# Goal: a window closes by itself, with the next announcement, and with the session
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof none
conf window-timeout 5
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
wait 5s
expect close window-passive 10.0.0.2 192.0.2.1 expired
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
C> <app 23>
S> <app 65>
expect close window-passive 10.0.0.2 192.0.2.1 replaced
expect open window-passive 10.0.0.2 192.0.2.1 window
fin C
expect close window-passive 10.0.0.2 192.0.2.1 control-ended
expect close ask-passive 10.0.0.2 192.0.2.1 control-ended
expect counter windows_unused 3
