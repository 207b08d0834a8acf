# Goal: replies answer pipelined commands in their order
login
C> TYPE I\r\nPASV\r\nSIZE x\r\nPORT 10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
S> 200 type\r\n
expect no-open
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
S> 213 1\r\n
expect no-open
S> 500 PORT is refused\r\n
expect close pinhole 192.0.2.1 10.0.0.2 40001 port-rejected
C> NOOP\r\nPASV\r\n
# the answer to NOOP, in the shape of the other's
S> 227 forged (192,0,2,1,195,90)\r\n
expect note unsolicited
expect no-open
S> 200 ok\r\n
expect no-open
