# Goal: with no buffer left for a gap the stream is lost, and found again
segmentation matters
conf segment-buffers 1
session one 10.0.0.2:40000 192.0.2.1:21
login
C@a> PA
C> SV\r\n
session two 10.0.0.3:40000 192.0.2.1:21
login
C@b> PA
C> SV\r\n
expect note stream-lost
expect no-open
send b
S> 500 what\r\n
C> NOOP\r\n
S> 200 ok\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.3 192.0.2.1 50000 pasv
