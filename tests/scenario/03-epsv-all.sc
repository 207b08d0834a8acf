# Goal: after EPSV ALL was accepted only EPSV opens anything (RFC 2428 section 4)
login
C> EPSV ALL\r\n
S> 200 EPSV ALL ok\r\n
C> PORT 10,0,0,2,156,64\r\n
expect note epsv-all
expect no-open
S> 500 no\r\n
C> EPRT |1|10.0.0.2|40001|\r\n
expect note epsv-all
S> 200 yes, says vsftpd\r\n
C> PASV\r\n
S> 227 still allowed, says pure-ftpd (192,0,2,1,195,80)\r\n
expect note epsv-all
expect nothing-open
C> EPSV\r\n
S> 229 ok (|||50001|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 epsv
