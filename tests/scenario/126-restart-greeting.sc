# Goal: a session that was found in its greeting opens nothing before a complete exchange
segmentation matters
flow-found greeting
S> 220 ready\r\n
C> USER anna\r\n
S> 331 password\r\n
C> PASS hunter2\r\n
S> 230 ok\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
