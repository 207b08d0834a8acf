# Goal: an AUTH refused in the server's name is noted, and gives no grant
conf server 192.0.2.1 passive-range 50000-50100
connect
S> 220 ready\r\n
C> AUTH TLS\r\n
S> 500 what?\r\n
expect note auth-refused
expect class clear
expect nothing-open
