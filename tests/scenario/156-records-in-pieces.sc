# Goal: TLS records cut anywhere, the first clear line glued to the last one
conf server 192.0.2.1 passive-range 50000-50100
connect
S> 220 ready\r\n
C/4> AUTH TLS\r\n
S/2/3> 234 ok\r\n
C/1/2/3/4/5/6/60/100> <client-hello 1.3>
S/1/5/70/90> <server-hello 1.3><ccs><app 23><app 839>
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
S> <app 281><app 53>
C/3/8> <ccs><app 53><app 33>
S/1> <app 53>
C/26> <app 22><app 19>PORT 10,0,0,2,156,65\r\n
S/2/62/64/70/90> <app 58><app 19>200 ok\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
