# Goal: a length that no data connection ever followed opens nothing any more
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof none
conf window-timeout 1
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
wait 2s
expect close window-passive 10.0.0.2 192.0.2.1 expired
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
wait 2s
expect close window-passive 10.0.0.2 192.0.2.1 expired
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
wait 2s
expect close window-passive 10.0.0.2 192.0.2.1 expired
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
wait 2s
expect close window-passive 10.0.0.2 192.0.2.1 expired
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
wait 2s
expect close window-passive 10.0.0.2 192.0.2.1 expired
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
wait 2s
expect close window-passive 10.0.0.2 192.0.2.1 expired
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
wait 2s
expect close window-passive 10.0.0.2 192.0.2.1 expired
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
wait 2s
expect close window-passive 10.0.0.2 192.0.2.1 expired
expect counter windows_unused 8
C> <app 23>
S> <app 64>
expect counter windows_opened 8
