# Goal: a gap that cannot be kept loses the stream, and nothing opens out of it
segmentation matters
login
C> PASV\r\n
S~> 200 x\r\n
S+20000> 227 ok (192,0,2,1,195,80)\r\n
expect note stream-lost
expect nothing-open
