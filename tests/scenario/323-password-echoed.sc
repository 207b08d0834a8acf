# Goal: what a server says to a line that may be a password is not told, only its code:
# some repeat what they did not understand
session s 10.0.0.2:40000 192.0.2.1:21
connect
S> 220 ready\r\n
C> USER bob\r\n
S> 331 ok\r\n
C> XHUN hunter2\r\n
S> 500 hunter2: not understood\r\n
C> SITE PSWD hunter2\r\n
S> 500-hunter2 is too short\r\n
S> 500 choose another one than hunter2\r\n
S> 500 hunter2, again\r\n
expect no-open
