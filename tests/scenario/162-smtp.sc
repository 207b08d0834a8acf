# Goal: SMTP on the control port is not FTP
connect
S> 220 mail.example.org ESMTP\r\n
C> EHLO client.example.org\r\n
expect class not-ftp
S> 250-mail\r\n250 ok\r\n
C> PORT 10,0,0,2,156,65\r\n
expect nothing-open
