# Goal: where the policy refuses active mode PORT and EPRT open nothing, PASV does
conf server 192.0.2.1 passive-range 50000-50100 active refuse
login
C> PORT 10,0,0,2,156,65\r\n
expect note active-refused
S> 200 ok\r\n
C> EPRT |1|10.0.0.2|40001|\r\n
expect note active-refused
S> 200 ok\r\n
expect nothing-open
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
