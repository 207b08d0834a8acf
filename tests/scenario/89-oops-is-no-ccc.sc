# Goal: vsftpd's clear "500 OOPS" inside TLS is no CCC and opens nothing
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 23>
S> <app 66>
S> 500 OOPS: \r\n
expect note clear-in-tls
expect class opaque
S> error:0A000126:SSL routines::unexpected eof\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect no-open
expect class opaque
C> PORT 10,0,0,2,156,65\r\n
S> 200 ok\r\n
expect no-open
fin S
fin C
expect close grant-passive 10.0.0.2 192.0.2.1 control-ended
expect no-session
