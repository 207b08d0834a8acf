# Goal: a PROT that the server refuses changes nothing; an accepted S may be P
relay yes
stream-login
stream C AUTH TLS\r\n
stream S 234 go on\r\n
stream C PROT P\r\n
stream S 536 no\r\n
stream C PASV\r\n
stream S 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
stream C PROT S\r\n
stream S 200 ok\r\n
stream C PASV\r\n
stream S 227 ok (192,0,2,1,195,81)\r\n
expect open relay 10.0.0.2 192.0.2.1 50001 pasv
expect close pinhole 10.0.0.2 192.0.2.1 50000 replaced
stream C REIN\r\n
stream S 230 ok\r\n
expect close relay 10.0.0.2 192.0.2.1 50001 rein
stream C USER anna\r\n
stream S 230 ok\r\n
stream C PASV\r\n
stream S 227 ok (192,0,2,1,195,82)\r\n
expect open relay 10.0.0.2 192.0.2.1 50002 pasv
