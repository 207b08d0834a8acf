# Goal: a line behind LF alone is still the line before it to a strict reader: it announces nothing
login
C> PWD\r\nPASV\r\n
S> 257 "/a\n227 x (192,0,2,1,195,80)" is the current directory\r\n
expect note ambiguous
expect nothing-open
S> 500 no\r\n
C> NOOP\nPORT 10,0,0,2,156,65\r\n
expect note ambiguous
expect nothing-open
S> 200 ok\r\n200 ok\r\n
C> NOOP\r\n
S> 200 ok\r\n
C> PASV\r\n
S> 227 x (192,0,2,1,195,81)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 pasv
