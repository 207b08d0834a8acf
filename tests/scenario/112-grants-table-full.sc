# Goal: with no room for a grant it is refused and noted
conf max-openings 1
conf server 192.0.2.0/24 passive-range 50000-50100
session one 10.0.0.2:40000 192.0.2.1:21
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
session two 10.0.0.3:40000 192.0.2.1:21
encrypt 1.3
expect note limit-grants
expect no-open
expect class opaque
