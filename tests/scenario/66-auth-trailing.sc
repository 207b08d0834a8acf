# Goal: clear commands behind AUTH are never read as if they had come encrypted
conf server 192.0.2.1 passive-range 50000-50100
connect
S> 220 ready\r\n
C> AUTH TLS\r\nNOOP\r\n
S> 234 ok\r\n
expect note auth-trailing
expect class not-ftp
tls 1.3
expect nothing-open
