# Goal: a clear PASV that slipped in between AUTH and an early hello is not answered after CCC
conf server 192.0.2.1 opaque refuse
connect
S> 220 ready\r\n
C> AUTH TLS\r\nPASV\r\n<client-hello 1.3>
S> 234 ok\r\n
expect note auth-trailing
expect class not-ftp
S> <server-hello 1.3><ccs>
S> <app 23><app 839><app 281><app 53>
C> <ccs><app 53>
C> <app 28>
S> <app 48>
C> <app 22>
S> <app 58><app 19>
S> 227 ok (192,0,2,1,195,80)\r\n
expect nothing-open
