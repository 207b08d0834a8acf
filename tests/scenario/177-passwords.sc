# Goal: no action has a password in it, whatever its line looks like
connect
S> 220 ready\r\n
C> USER anna\r\n
S> 331 password\r\n
C> PASS hunter2 227 (192,0,2,1,195,80)\r\n
S> 230 ok\r\n
C> ACCT hunter2\r\n
S> 202 ok\r\n
C> pass hunter2<x 600 a>\r\n
S> 530 no\r\n
C> PASS hunter2\n
S> 530 no\r\n
C>  PASS hunter2\r\n
S> 530 no\r\n
expect no-open
