# Goal: after a restart a session behind CCC gets its pinholes from the first command
segmentation matters
conf server 192.0.2.1 passive-range 50000-50100
flow-found clear-after-ccc
expect class clear-after-ccc
expect nothing-open
C> EPRT |1|10.0.0.2|40001|\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 eprt
S> 200 ok\r\n
C> EPSV\r\n
S> 229 ok (|||50000|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50000 epsv
expect close pinhole 192.0.2.1 10.0.0.2 40001 replaced
