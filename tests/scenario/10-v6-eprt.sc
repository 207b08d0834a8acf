# Goal: EPRT over IPv6, whatever way the address is written
session six [2001:db8::2]:40000 [2001:db8:1::1]:21
login
C> EPRT |2|2001:db8::2|40001|\r\n
expect open pinhole 2001:db8:1::1 2001:db8::2 40001 eprt
S> 200 ok\r\n
data 2001:db8:1::1 2001:db8::2 40001
C> EPRT |2|2001:DB8:0:0:0:0:0:2|40002|\r\n
expect open pinhole 2001:db8:1::1 2001:db8::2 40002 eprt
