# Goal: a grant that two sessions hold counts once in all, and for each while it holds it
conf server 192.0.2.1 passive-range 50000-50009
session one 10.0.0.2:40000 192.0.2.1:21
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
wait 1s
session two 10.0.0.2:40001 192.0.2.1:21
encrypt 1.2
wait 1s
expect exposed 10000
expect exposure grant-passive 10 20000
use one
expect exposed 20000
rst C
wait 1s
use two
expect exposed 20000
expect exposure grant-passive 10 30000
