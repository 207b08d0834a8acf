# Goal: where copies of a byte differ, the first that came counts
segmentation matters
login
C> PASV\r\n
S@head> 227 ok (192,0,2,1,
S> 195,80)\r\n
# the same place again, with another port, before the gap is filled
S-9> 195,90)\r\n
expect no-open
send head
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
# bytes that were read are not read again
C> NOOP\r\n
S> 200 ok\r\n
C-6> PORT 10,0,0,2,156,65\r\n
expect no-open
