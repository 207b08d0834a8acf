# Goal: a retransmitted announcement opens nothing a second time
login
C@p> PASV\r\n
send p
send p
S@r> 227 ok (192,0,2,1,195,80)\r\n
send r
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
data 10.0.0.2 192.0.2.1 50000
send r
send p
send r
expect no-open
C@o> PORT 10,0,0,2,156,65\r\n
send o
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
send o
S> 500 no\r\n
expect close pinhole 192.0.2.1 10.0.0.2 40001 port-rejected
send o
expect nothing-open
