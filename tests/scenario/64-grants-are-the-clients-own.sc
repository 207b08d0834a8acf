# Goal: each client has a grant of its own, that ends on its own
conf server 192.0.2.1 passive-range 50000-50100
session one 10.0.0.2:40000 192.0.2.1:21
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
session two 10.0.0.3:40000 192.0.2.1:21
encrypt 1.3
expect open grant-passive 10.0.0.3 192.0.2.1 opaque
flow-ended
expect close grant-passive 10.0.0.3 192.0.2.1 control-ended
use one
expect class opaque
flow-ended
expect close grant-passive 10.0.0.2 192.0.2.1 control-ended
