# Goal: a 1xx reply leaves its command pending until the final one
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
data 10.0.0.2 192.0.2.1 50000
C> RETR x\r\nPASV\r\n
S> 150 opening\r\n
S> 227 not yet (192,0,2,1,195,81)\r\n
expect note unsolicited
expect no-open
S> 226 done\r\n
expect no-open
C> STOR y\r\n
S> 125 already open\r\n
C> PASV\r\n
S> 226 done\r\n
S> 227 ok (192,0,2,1,195,82)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50002 pasv
