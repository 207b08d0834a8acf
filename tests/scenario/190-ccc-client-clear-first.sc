# Goal: a client that is clear before the server's close_notify was seen gets its later commands
conf server 192.0.2.1 passive-range 50000-50100
segmentation matters
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S> <app 58>
C> PWD\r\n
expect class opaque
S> <app 19>
S> 257 "/" is the current directory\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
expect class clear-after-ccc
C> EPSV\r\n
S> 229 ok (|||50000|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 epsv
