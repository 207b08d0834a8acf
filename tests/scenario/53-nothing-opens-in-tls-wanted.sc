# Goal: between AUTH and its answer nothing opens
login
C> AUTH TLS\r\nPORT 10,0,0,2,156,65\r\n
expect note state-changed
expect no-open
S> 500 no\r\n
S> 200 ok\r\n
C> PORT 10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
