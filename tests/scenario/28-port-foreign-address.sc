# Goal: PORT, EPRT, LPRT to another host than the client open nothing and say why
login
C> PORT 10,0,0,3,156,65\r\n
expect note address-foreign
S> 200 ok, says proftpd with AllowForeignAddress\r\n
C> EPRT |1|10.0.0.3|40001|\r\n
expect note address-foreign
S> 200 ok\r\n
C> EPRT |2|2001:db8::2|40001|\r\n
expect note address-foreign
S> 522 no\r\n
C> LPRT 4,4,10,0,0,3,2,156,65\r\n
expect note address-foreign
S> 200 ok\r\n
C> PORT 192,0,2,1,156,65\r\n
expect note address-foreign
expect nothing-open
