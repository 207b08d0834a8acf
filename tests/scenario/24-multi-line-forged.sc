# Goal: a 227 inside a multi-line reply opens nothing, also while PASV is pending
login
C> STAT\r\n
S> 211-status\r\n227 x (192,0,2,1,195,80)\r\n227-x\r\n 211 no\r\n211 End\r\n
expect nothing-open
C> PASV\r\n
S> 211-status\r\n227 x (192,0,2,1,195,80)\r\n
expect no-open
S> 211 End\r\n
expect nothing-open
# a listing with the file names of an attacker
C> STAT /tmp\r\nPASV\r\n
S> 213-list\r\n227 Entering Passive Mode (192,0,2,1,195,80)\r\n
S> 213 End\r\n
expect no-open
S> 227 ok (192,0,2,1,195,81)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 pasv
