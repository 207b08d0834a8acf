# Goal: a line may come in any pieces
login
C/1/2/5> PASV\r\n
S/3/4/9/20/25/26> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
C/20/21> PORT 10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
