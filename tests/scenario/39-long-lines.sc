# Goal: a line that is too long opens nothing, and the next one counts again
login
C> PORT <blank 600>10,0,0,2,156,65\r\n
expect no-open
S> 501 no\r\n
C> PORT 10,0,0,2,156,65<x 600 .>\r\n
expect note line-too-long
S> 501 no\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80) <x 600 .>\r\n
expect note line-too-long
expect nothing-open
C> RETR <x 3000 a>\r\n
S> 550 no\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,81)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 pasv
