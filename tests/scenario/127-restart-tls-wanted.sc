# Goal: a restart between AUTH and the handshake: the handshake makes the session opaque
segmentation matters
conf server 192.0.2.1 passive-range 50000-50100
flow-found tls-wanted
expect class tls-wanted
expect nothing-open
C> <client-hello 1.3>
S> <server-hello 1.3><ccs><app 23><app 839>
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
expect class opaque
