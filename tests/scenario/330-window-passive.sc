# Goal: a command of PASV's length and a reply of 227's open a window for one data connection, which has to resume
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof tls
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
session data 10.0.0.2:41000 192.0.2.1:50002
syn
expect used window-passive 10.0.0.2 192.0.2.1
expect verdict unproven
syn-ack
expect verdict none
C> <client-hello 1.3>
expect verdict none
S> <server-hello 1.3>
expect note proven
expect verdict proven
S> <app 2000>
expect verdict proven
expect counter windows_used 1
expect counter proofs_passed 1
