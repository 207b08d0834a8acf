# Goal: a reset that only we believe does not make us forget that a listing runs
segmentation matters
login
C> STAT /tmp\r\n
S> 213-list of /tmp\r\n
rst C 100
C> NOOP\r\nPASV\r\n
S> 200 x\r\n227 x (192,0,2,1,195,80)\r\n
expect nothing-open
S> 213 End\r\n
expect nothing-open
