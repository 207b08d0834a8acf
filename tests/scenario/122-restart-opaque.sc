# Goal: after a restart an opaque session has its grant back, and CCC is still seen
segmentation matters
conf server 192.0.2.1 passive-range 50000-50100
flow-found opaque
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 23>
S> <app 65>
expect class opaque
C> <app 22>
S> <app 58>
S> <app 19>
C> <app 19>
C> PASV\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
