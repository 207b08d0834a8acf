# Goal: each direction has its own verbs: a client's 227 and a server's PORT are nothing
login
C> PASV\r\n
C> 227 ok (192,0,2,1,195,80)\r\n
expect no-open
S> PORT 10,0,0,2,156,65\r\n
expect no-open
S> 500 no\r\n
S> 500 no\r\n
expect nothing-open
