# Goal: AUTH TLS in a decrypted session makes it terminated, PROT P a relay, PROT C a pinhole
relay yes
stream-login
expect mark clear
expect class clear
stream C AUTH TLS\r\n
expect mark tls-wanted
stream S 234 go on\r\n
expect note tls-explicit
expect mark terminated
stream C PBSZ 0\r\n
stream S 200 ok\r\n
stream C PASV\r\n
stream S 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
stream C PROT P\r\n
stream S 200 ok\r\n
expect note protection
stream C EPSV\r\n
stream S 229 ok (|||50001|)\r\n
expect open relay 10.0.0.2 192.0.2.1 50001 epsv
expect close pinhole 10.0.0.2 192.0.2.1 50000 replaced
data 10.0.0.2 192.0.2.1 50001
expect used relay 10.0.0.2 192.0.2.1 50001
stream C PORT 10,0,0,2,195,90\r\n
expect open relay 192.0.2.1 10.0.0.2 50010 port
stream S 200 ok\r\n
stream C PROT C\r\n
stream S 200 ok\r\n
stream C EPRT |1|10.0.0.2|50011|\r\n
expect open pinhole 192.0.2.1 10.0.0.2 50011 eprt
stream S 200 ok\r\n
expect close relay 192.0.2.1 10.0.0.2 50010 replaced
expect class terminated
flow-ended
expect close pinhole 192.0.2.1 10.0.0.2 50011 control-ended
expect no-session
