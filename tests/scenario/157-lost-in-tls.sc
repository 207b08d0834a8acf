# Goal: bytes lost inside TLS: the session stays opaque, finds a record again, and CCC still works
segmentation matters
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C~> <app 40>
S> <app 60>
expect note stream-lost
expect class opaque
C> <app 22>
S> <app 58>
S> <app 19>
C> <app 19>
C> PASV\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
