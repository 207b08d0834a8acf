# Goal: QUIT closes what is open; the end of the connection removes the session
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
C> QUIT\r\n
S> 221 bye\r\n
expect close pinhole 10.0.0.2 192.0.2.1 50000 control-ended
fin S
fin C
expect no-session
expect counter sessions_ended 1
