# Goal: clear text in the middle of a record is the record's
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S> <app 58>
S> <app 19>
# a record of 60 bytes, of which 28 look like an announcement
C> \x17\x03\x03\x00\x3c\r\nPORT 10,0,0,2,156,65\r\n<noise 36>
expect no-open
expect class opaque
S> \x17\x03\x03\x00\x40\r\n227 ok (192,0,2,1,195,80)\r\n<noise 33>
expect no-open
expect class opaque
