# Goal: PASV opens one pinhole, client to server, to the announced port
login
C> PASV\r\n
S> 227 Entering Passive Mode (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
data 10.0.0.2 192.0.2.1 50000
expect used pinhole 10.0.0.2 192.0.2.1 50000
expect nothing-open
C> LIST\r\n
S> 150 here it comes\r\n
S> 226 done\r\n
C> PASV\r\n
# RFC 1123 section 4.1.2.6: the numbers stand where they will
S> 227 Passive 192,0,2,1,195,81\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 pasv
