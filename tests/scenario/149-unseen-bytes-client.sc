# Goal: bytes of the client that passed unseen: what depended on a reply is withdrawn, later commands work again
segmentation matters
login
C> PORT 10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
C~> NOOP\r\n
S> 200 ok\r\n
expect note stream-lost
expect close pinhole 192.0.2.1 10.0.0.2 40001 stream-lost
S> 200 ok\r\n
C> NOOP\r\n
S> 200 ok\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
