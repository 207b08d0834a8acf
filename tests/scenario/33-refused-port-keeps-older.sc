# Goal: a PORT that the server refuses does not cost the PASV before it
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
C> PORT 10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
S> 500 no\r\n
expect close pinhole 192.0.2.1 10.0.0.2 40001 port-rejected
data 10.0.0.2 192.0.2.1 50000
expect used pinhole 10.0.0.2 192.0.2.1 50000
