# Goal: LPSV and LPRT over IPv6
session six [2001:db8::2]:40000 [2001:db8:1::1]:21
login
C> LPRT 6,16,32,1,13,184,0,0,0,0,0,0,0,0,0,0,0,2,2,156,65\r\n
expect open pinhole 2001:db8:1::1 2001:db8::2 40001 lprt
S> 200 ok\r\n
C> LPSV\r\n
S> 228 ok (6,16,32,1,13,184,0,1,0,0,0,0,0,0,0,0,0,1,2,195,80)\r\n
expect open pinhole 2001:db8::2 2001:db8:1::1 50000 lpsv
expect close pinhole 2001:db8:1::1 2001:db8::2 40001 replaced
