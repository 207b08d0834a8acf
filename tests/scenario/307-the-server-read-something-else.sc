# Goal: a command that only we saw opens nothing without its own reply, and only the session's ends
segmentation matters
login
C> PASV\r\n
# what the server got in its place, and what it says to that
C-6> STAT\r\n
S> 211-x\r\n227 x (192,0,2,1,195,80)\r\n211 x\r\n
expect nothing-open
C> PORT 10,0,0,9,156,65\r\n
C-22> STAT 10,0,0,9,156,65\r\n
expect note address-foreign
S> 200 ok\r\n
expect nothing-open
