# Goal: LPSV opens the port of the 228 (RFC 1639)
login
C> LPSV\r\n
S> 228 Entering Long Passive Mode (4,4,192,0,2,1,2,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 lpsv
