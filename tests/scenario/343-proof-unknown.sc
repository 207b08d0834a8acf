# Goal: a packet of a data connection that has to show what it is, and that nobody knows, is cut
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof auto
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
session a 10.0.0.2:41000 192.0.2.1:50002
C> hello\r\n
expect verdict cut
expect mark cut
S> hello\r\n
expect verdict cut
expect mark cut
