# Goal: the limits of one session are the configuration's, and are counted
conf max-pinholes-per-session 2
conf max-commands-per-session 3
login
C> PORT 10,0,0,2,156,65\r\n
C> PORT 10,0,0,2,156,66\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
expect open pinhole 192.0.2.1 10.0.0.2 40002 port
C> PORT 10,0,0,2,156,67\r\n
expect note limit-pinholes
expect counter pinholes_limited 1
C> PORT 10,0,0,2,156,68\r\n
expect note limit-commands
expect counter commands_limited 1
S> 200 one\r\n200 two\r\n
expect close pinhole 192.0.2.1 10.0.0.2 40001 replaced
S> 500 three\r\n500 four\r\n
C> PASV\r\n
S> 227 ok (192,0,2,1,195,81)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 pasv
expect close pinhole 192.0.2.1 10.0.0.2 40002 replaced
