# Goal: a server that has one answer for a transfer and its ABOR is understood; nothing else is passed over
login
C> RETR small\r\n
S> 150 opening\r\n
C> ABOR\r\n
S> 226 done\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,81)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 pasv
C> NOOP\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,82)\r\n
expect note unsolicited
expect no-open
S> 200 ok\r\n
C> RETR small\r\n
S> 150 opening\r\n
C> ABOR\r\n
S> 226 done\r\n
C> NOOP\r\n
S> 200 ok\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,84)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50004 pasv
expect close pinhole 10.0.0.2 192.0.2.1 50001 replaced
C> ABOR\r\nEPSV\r\n
S> 227 ok (192,0,2,1,195,83)\r\n
expect note unsolicited
expect no-open
