# Goal: a client that is clear before the server's close and says too much is given up, not kept
conf server 192.0.2.1 passive-range 50000-50100
segmentation matters
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S> <app 58>
C> PORT 10,0,0,2,156,65\r\n
C> <x 500 a>
expect note clear-in-tls
expect note stream-lost
# the close_notify, from nowhere, without an acknowledgement
raw \x45\x00\x00\x40\x00\x00\x00\x00\x40\x06\x00\x00\xc0\x00\x02\x01\x0a\x00\x00\x02\x00\x15\x9c\x40\x00\x00\x00\x01\x00\x00\x00\x00\x50\x08\xff\xff\x00\x00\x00\x00<app 19>
expect no-open
C> PORT 10,0,0,2,156,66\r\n
expect no-open
expect class opaque
