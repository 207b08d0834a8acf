# Goal: a new policy opens nothing for a control connection that is ending
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
rst C
expect close grant-passive 10.0.0.2 192.0.2.1 control-ended
conf server 192.0.2.1 passive-range 50000-50100 opaque-active any
wait 1s
expect nothing-open
