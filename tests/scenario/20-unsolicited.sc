# Goal: a 227 or 229 without a pending PASV or EPSV opens nothing
login
C> NOOP\r\n
S> 227 Entering Passive Mode (192,0,2,1,195,80)\r\n
expect note unsolicited
expect nothing-open
S> 227 Entering Passive Mode (192,0,2,1,195,80)\r\n
expect note unsolicited
S> 229 ok (|||50000|)\r\n
expect note unsolicited
S> 228 ok (4,4,192,0,2,1,2,195,80)\r\n
expect note unsolicited
expect nothing-open
