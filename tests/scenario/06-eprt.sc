# Goal: EPRT opens one pinhole, server to client, with any delimiter
login
C> EPRT |1|10.0.0.2|40001|\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 eprt
S> 200 ok\r\n
C> EPRT !1!10.0.0.2!40002!\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40002 eprt
S> 200 ok\r\n
expect close pinhole 192.0.2.1 10.0.0.2 40001 replaced
