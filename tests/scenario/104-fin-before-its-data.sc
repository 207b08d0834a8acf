# Goal: a FIN that comes before earlier bytes ends nothing until they have come
segmentation matters
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
S@a> 200 more\r\n
fin S
expect class clear
expect no-open
send a
expect close pinhole 10.0.0.2 192.0.2.1 50000 control-ended
fin C
expect no-session
