# Goal: a RST that no end would take does not end the session
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
rst C 5000000
rst S -70000
expect no-open
expect class clear
C> NOOP\r\n
S> 200 ok\r\n
expect class clear
