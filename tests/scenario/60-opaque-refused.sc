# Goal: where the policy refuses it an opaque session opens nothing, and it says so
conf server 192.0.2.1 passive-range 50000-50100 opaque refuse
encrypt 1.3
expect note opaque-refused
expect class opaque
expect nothing-open
