# Goal: an accepted CCC is said at once and what is announced behind it opens; a refused one is nothing
relay yes
stream-login
stream C AUTH TLS\r\n
stream S 234 go on\r\n
stream C PROT P\r\n
stream S 200 ok\r\n
stream C CCC\r\n
stream S 534 no\r\n
expect class terminated
stream C CCC\r\n
stream S 200 ok\r\n
expect note ccc
expect mark clear-after-ccc
stream C PASV\r\n
stream S 227 ok (192,0,2,1,195,80)\r\n
expect open relay 10.0.0.2 192.0.2.1 50000 pasv
stream C AUTH TLS\r\n
stream S 534 no\r\n
stream C PROT C\r\n
stream S 200 ok\r\n
stream C PASV\r\n
stream S 227 ok (192,0,2,1,195,81)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 pasv
expect close relay 10.0.0.2 192.0.2.1 50000 replaced
