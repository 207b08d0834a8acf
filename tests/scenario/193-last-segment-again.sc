# Goal: the last segment of a connection, sent again, begins no session
segmentation matters
login
C!> QUIT\r\n
S!@bye> 221 bye\r\n
send bye
expect no-session
send bye
expect no-session
expect counter sessions_started 1
