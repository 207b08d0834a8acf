# Goal: the pinhole of a PORT, EPRT that is not answered 2xx is withdrawn
login
C> PORT 10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
S> 500 Illegal PORT command.\r\n
expect close pinhole 192.0.2.1 10.0.0.2 40001 port-rejected
C> EPRT |1|10.0.0.2|40002|\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40002 eprt
S> 421 bye\r\n
expect close pinhole 192.0.2.1 10.0.0.2 40002 port-rejected
C> PORT 10,0,0,2,156,67\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40003 port
S> 350 well\r\n
expect close pinhole 192.0.2.1 10.0.0.2 40003 port-rejected
expect nothing-open
