# Goal: a running connection without a mark opens nothing until one exchange was read
segmentation matters
C> PORT 10,0,0,2,156,65\r\n
expect note picked-up
expect no-open
S> 200 ok\r\n
expect no-open
expect mark clear
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
