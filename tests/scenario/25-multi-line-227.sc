# Goal: a 227 of several lines is nobody's: readers disagree on which line counts
login
C> PASV\r\n
S> 227-Entering (192,0,2,1,195,80)\r\n227 Passive (192,0,2,1,195,81)\r\n
expect note ambiguous
expect nothing-open
