# Goal: clear text where the handshake must begin is no TLS session
conf server 192.0.2.1 passive-range 50000-50100
connect
S> 220 ready\r\n
C> AUTH TLS\r\n
S> 234 ok\r\n
C> USER anna\r\n
expect note auth-trailing
S> 331 password\r\n
C> PASS hunter2\r\n
S> 230 ok\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect nothing-open
expect class not-ftp
