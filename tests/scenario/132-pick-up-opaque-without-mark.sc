# Goal: a running TLS connection without a mark gets its grant, and pinholes only behind CCC
segmentation matters
conf server 192.0.2.1 passive-range 50000-50100
C> <app 23>
expect nothing-open
S> <app 60>
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> PORT 10,0,0,2,156,65\r\n
S> 200 ok\r\n
expect no-open
expect class opaque
rst C
expect close grant-passive 10.0.0.2 192.0.2.1 control-ended
