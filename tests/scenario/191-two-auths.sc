# Goal: with two AUTHs under way the first refusal does not end the wait for the second
conf server 192.0.2.1 passive-range 50000-50100
login
C> AUTH TLS-P\r\nAUTH TLS\r\n
S> 504 no\r\n
expect class tls-wanted
S> 234 ok\r\n
tls 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
expect class opaque
