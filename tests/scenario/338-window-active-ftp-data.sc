# Goal: where only the ports for FTP data may connect back, no other does
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window learn proof none
conf opaque-active ftp-data
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
expect open ask-active 192.0.2.1 10.0.0.2 opaque
C> <app 39>
S> <app 47>
expect open window-ftp-data 192.0.2.1 10.0.0.2 window
session a 192.0.2.1:33333 10.0.0.2:40500
syn
expect note no-window
expect verdict none
session b 192.0.2.1:20 10.0.0.2:40500
syn
expect used window-ftp-data 192.0.2.1 10.0.0.2
expect verdict proven
