# Goal: segments beyond an MTU (offload) with whole records and with half of the next one
conf server 192.0.2.1 passive-range 50000-50100
segmentation matters
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S/20000> <app 16401><app 16401><app 58><app 19>
C> <app 19>PASV\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
