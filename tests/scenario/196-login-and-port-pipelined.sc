# Goal: a PORT that comes before the login was accepted opens nothing, however it is sent
connect
S> 220 ready\r\n
C> USER anonymous\r\nPORT 10,0,0,2,156,65\r\n
expect note not-logged-in
S> 230 ok\r\n200 ok\r\n
expect nothing-open
