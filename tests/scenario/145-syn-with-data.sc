# Goal: data in the SYN and the SYN-ACK (TCP Fast Open) are the streams' first bytes
syn USER anonymous\r\n
syn-ack 220 ready\r\n
ack C
S> 230 ok\r\n
expect note logged-in
expect class clear
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
