# Goal: after the ruleset was emptied everything that is open is said again
conf server 192.0.2.1 passive-range 50000-50100
session one 10.0.0.2:40000 192.0.2.1:21
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
session two 10.0.0.3:40000 192.0.2.1:21
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.3 192.0.2.1 50000 pasv
restore
expect refresh grant-passive 10.0.0.2 192.0.2.1 restored
expect refresh pinhole 10.0.0.3 192.0.2.1 50000 restored
data 10.0.0.3 192.0.2.1 50000
expect used pinhole 10.0.0.3 192.0.2.1 50000
restore
expect refresh grant-passive 10.0.0.2 192.0.2.1 restored
expect counter pinholes_opened 1
