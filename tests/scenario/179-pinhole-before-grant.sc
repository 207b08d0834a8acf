# Goal: a data connection that a pinhole was opened for uses it up, also where a grant would do
conf server 192.0.2.1 passive-range 50000-50100
session opaque 10.0.0.2:40000 192.0.2.1:21
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
session clear 10.0.0.2:40001 192.0.2.1:21
login
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
data 10.0.0.2 192.0.2.1 50000
expect used pinhole 10.0.0.2 192.0.2.1 50000
data 10.0.0.2 192.0.2.1 50000
expect note data
expect counter data_connections 2
