# Goal: AUTH TLS makes the session opaque; its grant is the server's range for that client
conf server 192.0.2.1 passive-range 50000-50100 opaque grant
connect
S> 220 ready\r\n
C> AUTH TLS\r\n
expect class tls-wanted
expect mark tls-wanted
expect nothing-open
S> 234 Proceed with negotiation.\r\n
expect class tls-wanted
expect nothing-open
C> <client-hello 1.3>
expect nothing-open
S> <server-hello 1.3><ccs>
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
expect class opaque
expect mark opaque
expect note tls-explicit
S> <app 23><app 839><app 281><app 53>
C> <ccs><app 53>
C> <app 28>
S> <app 48>
fin C
expect close grant-passive 10.0.0.2 192.0.2.1 control-ended
fin S
expect no-session
expect nothing-open
