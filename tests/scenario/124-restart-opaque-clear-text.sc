# Goal: a session whose mark says opaque is not believed when it speaks clear text
conf server 192.0.2.1 passive-range 50000-50100
flow-found opaque
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
C> PORT 10,0,0,2,156,65\r\n
S> 200 ok\r\n
expect no-open
expect class opaque
