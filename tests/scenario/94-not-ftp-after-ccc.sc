# Goal: behind a CCC-shaped end of TLS there must be FTP
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S> <app 58><app 19>
C> <app 19>GET / HTTP/1.1\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
expect class not-ftp
C> PORT 10,0,0,2,156,65\r\n
expect nothing-open
