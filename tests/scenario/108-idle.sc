# Goal: a session that is silent for too long is given up, a 64th and a second later at most;
# one that speaks is not
conf idle-timeout 300
conf server 192.0.2.1 passive-range 50000-50100
session clear 10.0.0.2:40000 192.0.2.1:21
login
session opaque 10.0.0.2:40001 192.0.2.1:21
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
wait 200s
use clear
C> NOOP\r\n
S> 200 ok\r\n
wait 107s
expect class clear
expect close grant-passive 10.0.0.2 192.0.2.1 idle
use opaque
expect no-session
wait 192s
use clear
expect class clear
wait 8s
expect no-session
expect counter sessions_idle 2
