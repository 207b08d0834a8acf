# Goal: decrypted lines obey the rules of clear ones
relay yes
conf deny-ports 3306
stream S 220 hi\r\n
stream C AUTH TLS\r\n
stream S 234 go on\r\n
stream C PROT P\r\n
stream S 200 ok\r\n
stream C PASV\r\n
stream S 227 ok (192,0,2,1,195,80)\r\n
expect note not-logged-in
stream C USER a\r\n
stream S 331 x\r\n
stream C PASS hunter2\r\n
stream S 230 in\r\n
stream S 227 ok (192,0,2,1,195,80)\r\n
expect note unsolicited
stream C PORT 10,0,0,3,195,80\r\n
stream S 200 ok\r\n
expect note address-foreign
stream C EPSV\r\n
stream S 229 ok (|||22|)\r\n
expect note port-privileged
stream C EPSV\r\n
stream S 229 ok (|||3306|)\r\n
expect note port-denied
stream C STAT\r\n
stream S 211-list\r\n227 ok (192,0,2,1,195,80)\r\n211 end\r\n
expect no-open
stream C EPSV ALL\r\n
stream S 200 ok\r\n
stream C PASV\r\n
stream S 227 ok (192,0,2,1,195,80)\r\n
expect note epsv-all
expect no-open
