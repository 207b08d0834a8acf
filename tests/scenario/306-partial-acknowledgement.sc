# Goal: a retransmission that begins with 227 in the middle of a line is no reply
login
C> XXXX 227 x (192,0,2,1,195,80)\r\nPASV\r\n
S> 500 XXXX 227 x (192,0,2,1,195,80)\r\n
# 26 bytes of the line, once more, as the client's acknowledgement asks for
S-26> 227 x (192,0,2,1,195,80)\r\n
expect nothing-open
S> 500 no\r\n
expect nothing-open
C> PASV\r\n
S> 227 ok (192,0,2,1,195,81)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 pasv
