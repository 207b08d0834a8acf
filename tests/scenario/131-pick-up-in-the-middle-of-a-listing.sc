# Goal: a forged 227 seen first in a picked-up connection opens nothing
segmentation matters
S> 227 x (192,0,2,1,195,80)\r\n
expect no-open
S> 213 End\r\n
expect nothing-open
C> NOOP\r\n
S> 227 x (192,0,2,1,195,80)\r\n
expect nothing-open
