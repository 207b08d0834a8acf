# Goal: LPRT opens the client's announced port (RFC 1639), and not beyond a refusal
login
C> LPRT 4,4,10,0,0,2,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 lprt
S> 200 ok\r\n
data 192.0.2.1 10.0.0.2 40001
C> LPRT 4,4,10,0,0,2,2,156,66\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40002 lprt
S> 500 unknown command\r\n
expect close pinhole 192.0.2.1 10.0.0.2 40002 port-rejected
