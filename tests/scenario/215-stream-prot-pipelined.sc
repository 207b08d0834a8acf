# Goal: a client that does not wait for the answer to PROT gets a relay: what the data will be is not known yet
relay yes
stream-login
stream C AUTH TLS\r\n
stream S 234 go on\r\n
stream C PROT P\r\n
stream C PORT 10,0,0,2,195,80\r\n
expect open relay 192.0.2.1 10.0.0.2 50000 port
stream S 200 ok\r\n
stream S 200 ok\r\n
stream C PASV\r\n
stream C PROT C\r\n
stream S 227 ok (192,0,2,1,195,81)\r\n
expect open relay 10.0.0.2 192.0.2.1 50001 pasv
expect close relay 192.0.2.1 10.0.0.2 50000 replaced
stream S 200 ok\r\n
stream C PASV\r\n
stream S 227 ok (192,0,2,1,195,82)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50002 pasv
expect close relay 10.0.0.2 192.0.2.1 50001 replaced
