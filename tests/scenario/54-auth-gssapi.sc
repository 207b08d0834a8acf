# Goal: another security mechanism is opaque from the end of its exchange (RFC 2228)
conf server 192.0.2.1 passive-range 50000-50100
connect
S> 220 ready\r\n
C> AUTH GSSAPI\r\n
S> 334 go on\r\n
expect class tls-wanted
C> ADAT YIIBazCCAWcGCSqG\r\n
S> 335 ADAT=YGgGCSqG\r\n
expect nothing-open
C> ADAT YGAGCSqG\r\n
S> 235 ADAT=YFwG\r\n
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
expect note auth-other
expect class opaque
C> ENC FwMAAAAA\r\n
S> 632 FwMAAAAA\r\n
C> MIC UEFTVg0K\r\n
S> 631 MjI3IG9rICgxOTIsMCwyLDEsMTk1LDgwKQ==\r\n
expect no-open
# clear text in it is not believed
C> PASV\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect no-open
