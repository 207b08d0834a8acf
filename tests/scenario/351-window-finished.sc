# Goal: a client's Finished is no command, where no ticket of the server comes behind it
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof none
connect
S> 220 ready\r\n
C> AUTH TLS\r\n
S> 234 go on\r\n
C> <client-hello 1.3>
S> <server-hello 1.3 gcm><ccs>
S> <app 23><app 839><app 281><app 53>
C> <ccs><app 53>
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
# PWD; then PASV, which is refused, and behind it NOOP, whose reply is as long as a 229. If Finished
# counted, PASV would still be in wait then.
C> <app 22>
S> <app 59>
C> <app 23>
C> <app 21>
S> <app 35>
S> <app 59>
expect no-open
