# Goal: a client that loses its own bytes on purpose does not make us forget that a listing runs
segmentation matters
login
C> STAT /tmp\r\n
S> 213-list of /tmp\r\n
C+10> a
C+20> a
C+30> a
C+40> a
C+50> a
C+60> a
C+70> a
C+80> a
C+90> a
expect note stream-lost
C> NOOP\r\nPASV\r\n
S> 200 x\r\n227 x (192,0,2,1,195,80)\r\n
expect nothing-open
S> 213 End\r\n
expect nothing-open
