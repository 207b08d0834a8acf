# Goal: a restart in the middle of a line: its rest is no command, the next line is
segmentation matters
flow-found clear
C> RT 10,0,0,2,156,65\r\n
expect no-open
S> 200 ok\r\n
expect no-open
C> PORT 10,0,0,2,156,66\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40002 port
