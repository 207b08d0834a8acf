# Goal: a server that refuses AUTH where an honest one does, behind CCC, is not called stripped
conf starttls-violation cut
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1
C> <app 22>
S> <app 40>
S> <app 19>
C> <app 19>
C> PWD\r\n
expect close grant-passive 10.0.0.2 192.0.2.1
S> 257 "/"\r\n
C> AUTH TLS\r\n
S> 534 not again\r\n
expect note auth-refused
expect no-note auth-stripped
expect class clear
