# Goal: lftp's second close_notify with FIN, and the server's complaint in clear, open nothing
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S> <app 58>
S> <app 19>
C> <app 19>
C!> <app 19>
S> 500 \x17\x03\x03 not understood\r\n
expect close grant-passive 10.0.0.2 192.0.2.1
expect no-open
fin S
expect no-session
