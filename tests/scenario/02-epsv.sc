# Goal: EPSV opens one pinhole to the port in the 229, with every argument that is accepted
login
C> EPSV\r\n
S> 229 Entering Extended Passive Mode (|||50000|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 epsv
data 10.0.0.2 192.0.2.1 50000
C> EPSV 1\r\n
S> 229 ok (|||50001|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 epsv
data 10.0.0.2 192.0.2.1 50001
C> EPSV 2\r\n
S> 522 Bad network protocol, use (1)\r\n
expect no-open
# pure-ftpd accepts 3
C> EPSV 3\r\n
S> 229 ok (!!!50002!)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50002 epsv
