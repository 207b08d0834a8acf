# Goal: a window's short life does not wait for a pinhole's long one
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof none
conf pinhole-timeout 60
conf window-timeout 5
session clear 10.0.0.2:40010 192.0.2.1:21
login
C> PASV\r\n
S> 227 x (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
session ctl 10.0.0.2:40000 192.0.2.1:21
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
C> <app 23>
S> <app 64>
expect open window-passive 10.0.0.2 192.0.2.1 window
wait 5s
expect close window-passive 10.0.0.2 192.0.2.1 expired
