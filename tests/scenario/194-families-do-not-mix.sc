# Goal: IPv4 announcements in an IPv6 session open nothing to IPv4, nor the other way round
session six [2001:db8::2]:40000 [2001:db8:1::1]:21
login
C> PORT 10,0,0,2,156,65\r\n
expect note address-foreign
S> 200 ok\r\n
C> EPRT |1|10.0.0.2|40001|\r\n
expect note address-foreign
S> 200 ok\r\n
C> EPRT |2|::ffff:10.0.0.2|40001|\r\n
expect note address-foreign
S> 200 ok\r\n
expect nothing-open
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 2001:db8::2 2001:db8:1::1 50000 pasv
expect note pasv-address
session four 10.0.0.2:40000 192.0.2.1:21
login
C> EPRT |2|2001:db8::2|40001|\r\n
expect note address-foreign
expect no-open
