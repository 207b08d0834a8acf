# Goal: SIP on the control port is not FTP
connect
S> 220 ready\r\n
C> REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 10.0.0.2:40001\r\n\r\nPORT 10,0,0,2,156,65\r\n
expect class not-ftp
S> 200 ok\r\n200 ok\r\n200 ok\r\n
expect nothing-open
