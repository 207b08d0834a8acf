# Goal: with no buffer left for half a line the stream is lost, and found again
segmentation matters
conf line-buffers 1
session one 10.0.0.2:40000 192.0.2.1:21
login
C> PAS
session two 10.0.0.3:40000 192.0.2.1:21
login
C> PO
expect note limit-buffers
expect note stream-lost
C> RT 10,0,0,3,156,65\r\n
expect no-open
S> 200 ok\r\n
C> NOOP\r\n
S> 200 ok\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.3 192.0.2.1 50000 pasv
use one
C> V\r\n
S> 227 ok (192,0,2,1,195,81)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 pasv
