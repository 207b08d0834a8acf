# Goal: EPSV over IPv6
session six [2001:db8::2]:40000 [2001:db8:1::1]:21
login
C> EPSV\r\n
S> 229 Entering Extended Passive Mode (|||50000|)\r\n
expect open pinhole 2001:db8::2 2001:db8:1::1 50000 epsv
C> EPSV 2\r\n
S> 229 ok (|||50001|)\r\n
expect open pinhole 2001:db8::2 2001:db8:1::1 50001 epsv
expect close pinhole 2001:db8::2 2001:db8:1::1 50000 replaced
