# Goal: a restart in the middle of a record: the session finds the next one and CCC is seen
segmentation matters
conf server 192.0.2.1 passive-range 50000-50100
flow-found opaque
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
S> <noise 700>
C> <app 22>
S> <app 58>
S> <app 19>
C> EPRT |1|10.0.0.2|40001|\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
expect open pinhole 192.0.2.1 10.0.0.2 40001 eprt
