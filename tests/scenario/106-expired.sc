# Goal: a pinhole that nobody uses closes after its time
conf pinhole-timeout 30
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
wait 29s
expect no-open
data 10.0.0.3 192.0.2.1 50000
data 10.0.0.2 192.0.2.1 50001
expect counter pinholes_used 0
wait 1s
expect close pinhole 10.0.0.2 192.0.2.1 50000 expired
expect counter pinholes_expired 1
data 10.0.0.2 192.0.2.1 50000
expect counter pinholes_used 0
# late but legitimate: the next command works as the first did
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
