# Goal: a grant counts the ports of its range, as the policy has them at each time
conf server 192.0.2.1 passive-range 50000-50009
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
expect exposure grant-passive 10 0
wait 2s
expect exposed 20000
data 10.0.0.2 192.0.2.1 50009
data 10.0.0.2 192.0.2.1 50001
expect server 192.0.2.1 - 50001-50009*2
conf server 192.0.2.1 passive-range 50000-50019 opaque-active any
wait 0s
expect open grant-active 192.0.2.1 10.0.0.2 opaque
expect exposure grant-passive 20 20000
expect exposure grant-active 64398 0
wait 1s
expect exposed 64438000
expect exposure grant-passive 20 40000
flow-ended
expect close grant-passive 10.0.0.2 192.0.2.1 control-ended
expect close grant-active 192.0.2.1 10.0.0.2 control-ended
expect exposure grant-passive 0 40000
expect exposure grant-active 0 64398000
