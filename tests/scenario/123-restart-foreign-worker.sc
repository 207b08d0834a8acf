# Goal: what a dump shows to every worker opens only in the one that gets the packets
conf server 192.0.2.1 passive-range 50000-50100
flow-found opaque foreign
expect no-open
C> <app 23>
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
