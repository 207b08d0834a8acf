# Goal: a password that comes in clear inside TLS, or before anything, is in no action
conf server 192.0.2.1 passive-range 50000-50100
session tls 10.0.0.2:40000 192.0.2.1:21
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> PASS hunter2\r\n
S> <app 60>
expect note clear-in-tls
session first 10.0.0.3:40000 192.0.2.1:21
connect
C> PASS hunter2\r\n
C> XPASS hunter2\r\n
S> 220 ready\r\n
C> AUTH TLS\r\nPASS hunter2\r\n
S> 234 ok\r\n
expect class not-ftp
session late 10.0.0.4:40000 192.0.2.1:21
connect
S> 220 ready\r\n
C> hunter2 hunter2\r\n
expect class not-ftp
expect no-open
