# Goal: AUTH refused stays clear, another mechanism opens nothing and grants nothing
conf passive-range 50000-50100
stream-login
stream C AUTH TLS\r\n
stream S 500 no\r\n
expect mark clear
stream C AUTH GSSAPI\r\n
stream S 334 more\r\n
stream C ADAT x\r\n
stream S 235 ok\r\n
expect class opaque
expect no-open
stream C PASV\r\n
stream S 227 ok (192,0,2,1,195,80)\r\n
expect no-open
