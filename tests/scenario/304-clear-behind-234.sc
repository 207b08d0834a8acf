# Goal: clear text of the server behind 234 is not taken for a part of the TLS session
conf server 192.0.2.1 passive-range 50000-50100
connect
S> 220 ready\r\n
C> AUTH TLS\r\n
S> 234 ok\r\n230 injected\r\n
expect note auth-trailing
expect class not-ftp
tls 1.3
expect nothing-open
