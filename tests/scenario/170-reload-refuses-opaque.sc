# Goal: a reload that refuses encrypted sessions closes their grants, and keeps the sessions
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
conf server 192.0.2.1 passive-range 50000-50100 opaque refuse
wait 1s
expect close grant-passive 10.0.0.2 192.0.2.1 policy-changed
expect note opaque-refused
expect class opaque
conf server 192.0.2.1 passive-range 50000-50100 opaque-active any
wait 1s
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
expect open grant-active 192.0.2.1 10.0.0.2 opaque
conf server 192.0.2.1 passive-range 50000-50100 opaque-active ftp-data
wait 1s
expect close grant-active 192.0.2.1 10.0.0.2 policy-changed
expect open grant-ftp-data 192.0.2.1 10.0.0.2 opaque
