# Goal: on an implicit port a decrypted session is terminated from its greeting on
relay yes
session main 10.0.0.2:40000 192.0.2.1:990
stream S
expect class greeting
expect answer none
stream-login
expect note tls-implicit
expect mark terminated
stream C PASV\r\n
stream S 227 ok (192,0,2,1,195,80)\r\n
expect open relay 10.0.0.2 192.0.2.1 50000 pasv
