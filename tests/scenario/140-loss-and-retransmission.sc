# Goal: a lost segment that comes again completes its command
login
C@first> PAS
C> V\r\n
expect no-open
send first
S@lost> 227 ok (192,0,2,1,
S> 195,80)\r\n
expect no-open
send lost
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
# retransmitted once more, to no effect
send lost
send first
expect no-open
