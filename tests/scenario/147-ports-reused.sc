# Goal: a new connection on the same ports takes the place of the old one, once the server has agreed
session old 10.0.0.2:40000 192.0.2.1:21 5000 7000
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
session new 10.0.0.2:40000 192.0.2.1:21 900000 800000
# a SYN alone proves nothing: anyone can send one
syn
expect class clear
syn-ack
expect close pinhole 10.0.0.2 192.0.2.1 50000 control-ended
expect class greeting
S> 220 ready\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect note not-logged-in
C> USER anonymous\r\n
S> 230 ok\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
