# Goal: every line of a segment is read, not only the first
login
C> NOOP\r\nPORT 10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
S> 200 ok\r\n200 ok\r\n
C> NOOP\r\nPASV\r\n
S> 200 ok\r\n227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
expect close pinhole 192.0.2.1 10.0.0.2 40001 replaced
