# Goal: Telnet commands are taken out of lines; a PORT that had one inside is ambiguous
login
C> \xff\xfb\x01PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
data 10.0.0.2 192.0.2.1 50000
C> \xff\xf4\xff\xf2PORT 10,0,0,2,156,65\r\n
expect note ambiguous
expect no-open
S> 200 ok\r\n
C> PO\xff\xf1RT 10,0,0,2,156,65\r\n
expect no-open
S> 200 ok\r\n
C> \xff\xfaPORT 10,0,0,2,156,65\r\n\xff\xf0NOOP\r\n
expect no-open
S> 200 ok\r\n
expect nothing-open
