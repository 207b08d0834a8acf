# Goal: the meter counts one pair for each pinhole, from its opening till it is used, for its session
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
expect exposure pinhole 1 0
wait 300ms
expect exposed 300
expect exposure pinhole 1 300
data 10.0.0.2 192.0.2.1 50000
expect used pinhole 10.0.0.2 192.0.2.1 50000
wait 5s
expect exposed 300
expect exposure pinhole 0 300
C> EPSV\r\n
S> 229 ok (|||50007|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50007 epsv
wait 200ms
expect exposed 500
rst C
expect close pinhole 10.0.0.2 192.0.2.1 50007 control-ended
expect end 5500 500
rst C
flow-ended
expect no-end
expect no-session
expect exposure pinhole 0 500
expect server 192.0.2.1 50000-50007*2 -
