# Goal: nothing stays open when one side has finished; the session goes when both have
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
C!> QUIT\r\n
expect close pinhole 10.0.0.2 192.0.2.1 50000 control-ended
expect class clear
S> 221 bye\r\n
fin S
expect no-session
