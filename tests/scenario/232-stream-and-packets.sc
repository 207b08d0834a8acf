# Goal: one session is read in one way: packets of a decrypted one do not count
segmentation matters
stream-login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect no-open
session packets 10.0.0.2:40001 192.0.2.1:21
login
stream C PASV\r\n
expect answer session-unknown
stream S 227 ok (192,0,2,1,195,80)\r\n
expect no-open
request begin
expect answer not-terminated
expect class clear
