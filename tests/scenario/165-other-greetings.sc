# Goal: a server that does not greet with 220 is not FTP
session ssh 10.0.0.2:40000 192.0.2.1:21
connect
S> SSH-2.0-OpenSSH_9.2\r\n
expect class not-ftp
session nntp 10.0.0.2:40001 192.0.2.1:21
connect
S> 200 news.example.org ready\r\n
expect class not-ftp
C> USER anna\r\n
S> 230 ok\r\n
C> PORT 10,0,0,2,156,65\r\n
expect nothing-open
