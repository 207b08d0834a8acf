# Goal: a connection that goes on behind a reset is kept out of the queue by its mark, and is not read meanwhile
segmentation matters
login
C> STAT /tmp\r\n
S> 213-list of /tmp\r\n
rst C 100
expect mark not-ftp
wait 50s
C> NOOP\r\nPASV\r\n
S> 200 x\r\n227 x (192,0,2,1,195,80)\r\n
expect nothing-open
