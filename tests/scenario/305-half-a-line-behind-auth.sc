# Goal: half a command behind AUTH, ended in TLS by a careless server, is no TLS session to us
conf server 192.0.2.1 passive-range 50000-50100
segmentation matters
connect
S> 220 ready\r\n
C> AUTH TLS\r\nPASV
S> 234 ok\r\n
expect note auth-trailing
expect class not-ftp
tls 1.3
expect nothing-open
