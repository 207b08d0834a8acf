# Goal: PORT opens one pinhole, server to client, before the server answers
login
C> PORT 10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
# pyftpdlib connects before its 200
data 192.0.2.1 10.0.0.2 40001
expect used pinhole 192.0.2.1 10.0.0.2 40001
S> 200 Active data connection established.\r\n
C> PORT 10,0,0,2,156,66\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40002 port
S> 200 PORT command successful\r\n
C> LIST\r\n
S> 150 ok\r\n
data 192.0.2.1 10.0.0.2 40002
expect used pinhole 192.0.2.1 10.0.0.2 40002
expect nothing-open
