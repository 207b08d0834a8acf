# Goal: a SYN that comes again does not start the session again
session main 10.0.0.2:40000 192.0.2.1:21 5000 7000
connect
S> 220 ready\r\n
C> USER anna\r\n
S> 230 ok\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
session again 10.0.0.2:40000 192.0.2.1:21 5000 7000
syn
syn-ack
expect no-open
expect class clear
expect counter sessions_started 1
