# Goal: a 63x reply in a session that looked clear makes it opaque
conf server 192.0.2.1 passive-range 50000-50100
login
C> MIC UEFTVg0K\r\n
S> 631 MjI3IG9r\r\n
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
expect class opaque
