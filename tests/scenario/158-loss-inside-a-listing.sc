# Goal: after a loss nothing opens before a whole exchange was read: we may be inside a listing
segmentation matters
login
C> STAT /tmp\r\n
S~> 213-list of /tmp\r\n
C> PASV\r\n
expect note stream-lost
S> 227 a file's name (192,0,2,1,195,80)\r\n
expect note not-proven
expect nothing-open
S> 213 End\r\n
S> 227 the real one (192,0,2,1,195,81)\r\n
expect no-open
C> PASV\r\n
S> 227 ok (192,0,2,1,195,82)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50002 pasv
