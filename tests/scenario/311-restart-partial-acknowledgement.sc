# Goal: what a client may gain that withholds an acknowledgement across a restart is one port of its own server
segmentation matters
flow-found clear
# the rest of "500 XXXX 227 x (...)", from where the client asked for it
C> PASV\r\n
S> 227 x (192,0,2,1,195,80)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 pasv
S> 227 x (192,0,2,1,195,81)\r\n
expect note unsolicited
C> PASV\r\n
S> 227 x (192,0,2,1,0,22)\r\n
expect note port-privileged
C> PASV\r\n
S> 227 x (192,0,2,1,12,234)\r\n
expect note port-denied
