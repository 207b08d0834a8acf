# Goal: PORT in three segments, the last first: the pinhole comes with the one that fills the gap
login
C@a> PORT 10,0
C@b> ,0,2,15
C@c> 6,65\r\n
send c
send b
expect no-open
send a
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
