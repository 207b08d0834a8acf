# Goal: active mode of an opaque session opens only by policy
conf server 192.0.2.1 passive-range 50000-50100 opaque-active any
conf server 192.0.2.2 passive-range 50000-50100 opaque-active ftp-data
conf server 192.0.2.3 passive-range 50000-50100
session any 10.0.0.2:40000 192.0.2.1:21
encrypt 1.2
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
expect open grant-active 192.0.2.1 10.0.0.2 opaque
session data 10.0.0.2:40001 192.0.2.2:21
encrypt 1.2
expect open grant-passive 10.0.0.2 192.0.2.2 opaque
expect open grant-ftp-data 192.0.2.2 10.0.0.2 opaque
session none 10.0.0.2:40002 192.0.2.3:21
encrypt 1.2
expect open grant-passive 10.0.0.2 192.0.2.3 opaque
use any
rst C
expect close grant-passive 10.0.0.2 192.0.2.1 control-ended
expect close grant-active 192.0.2.1 10.0.0.2 control-ended
