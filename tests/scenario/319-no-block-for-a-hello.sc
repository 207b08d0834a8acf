# Goal: a hello in pieces needs a line buffer; without one the end of TLS is not seen
segmentation matters
conf line-buffers 1
session one 10.0.0.2:40000 192.0.2.1:21
login
C> PAS
session two 10.0.0.3:40000 192.0.2.1:21
connect
S> 220 ready\r\n
C> AUTH TLS\r\n
S> 234 ok\r\n
C> <client-hello 1.3>
S/70> <server-hello 1.3><ccs><app 23><app 839>
S> <app 281><app 53>
C> <ccs><app 53><app 33>
S> <app 53>
C> <app 22>
S> <app 58><app 19>
C> <app 19>
C> PORT 10,0,0,3,156,65\r\n
expect note stream-lost
expect no-open
use one
C> V\r\n
S> 227 ok (192,0,2,1,195,81)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 pasv
