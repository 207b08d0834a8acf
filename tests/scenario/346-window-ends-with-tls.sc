# Goal: what was open for the encrypted session closes when it can be read again
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof none
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
C> <app 22>
S> <app 58><app 19>
C> <app 19>
C> PWD\r\n
expect close window-passive 10.0.0.2 192.0.2.1 state-changed
expect close ask-passive 10.0.0.2 192.0.2.1 state-changed
expect class clear-after-ccc
