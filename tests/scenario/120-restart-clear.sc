# Goal: after a restart a clear session gets its pinholes from the first command
segmentation matters
flow-found clear
expect class clear
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
C> PORT 10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
S> 200 ok\r\n
expect close pinhole 10.0.0.2 192.0.2.1 50000 replaced
