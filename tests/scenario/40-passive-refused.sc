# Goal: a PASV that is answered otherwise leaves nothing pending
login
C> PASV\r\n
S> 425 no\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect note unsolicited
C> PASV\r\n
S> 530 no\r\n
C> NOOP\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect note unsolicited
expect nothing-open
