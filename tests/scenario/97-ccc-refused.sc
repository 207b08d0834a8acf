# Goal: a refused CCC leaves the session opaque and its grant in place
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S> <app 41>
C> <app 23>
S> <app 64>
expect class opaque
data 10.0.0.2 192.0.2.1 50007
expect note data
