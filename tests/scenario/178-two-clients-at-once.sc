# Goal: sessions do not mix: each reply is its own session's
session one 10.0.0.2:40000 192.0.2.1:21
login
session two 10.0.0.3:40000 192.0.2.1:21
login
use one
C> PASV\r\n
use two
S> 227 ok (192,0,2,1,195,80)\r\n
expect note unsolicited
expect no-open
C> PASV\r\n
use one
S> 227 ok (192,0,2,1,195,81)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 pasv
use two
S> 227 ok (192,0,2,1,195,82)\r\n
expect open pinhole 10.0.0.3 192.0.2.1 50002 pasv
