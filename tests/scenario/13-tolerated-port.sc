# Goal: what real servers accept in PORT opens too: two blanks, harmless leading zeros
login
C> PORT  10,0,0,2,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
S> 200 ok\r\n
data 192.0.2.1 10.0.0.2 40001
C> PORT 10,000,000,002,156,066\r\n
expect note ambiguous
expect no-open
S> 200 ok\r\n
C> PORT 10,000,000,002,156,65\r\n
expect open pinhole 192.0.2.1 10.0.0.2 40001 port
