# Goal: two sessions of one client share a grant; it goes with the last one
conf server 192.0.2.1 passive-range 50000-50100
session one 10.0.0.2:40000 192.0.2.1:21
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
session two 10.0.0.2:40001 192.0.2.1:21
encrypt 1.2
expect no-open
use one
fin C
fin S
expect no-session
use two
expect class opaque
wait 100s
rst S
expect close grant-passive 10.0.0.2 192.0.2.1 control-ended
expect nothing-open
