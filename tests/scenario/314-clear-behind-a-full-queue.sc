# Goal: clear commands behind AUTH are noticed also when they were only counted
conf server 192.0.2.1 passive-range 50000-50100
connect
S> 220 ready\r\n
C> NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n
C> NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nAUTH TLS\r\nPASV\r\n
S> 200 1\r\n200 2\r\n200 3\r\n200 4\r\n200 5\r\n200 6\r\n200 7\r\n200 8\r\n
S> 200 1\r\n200 2\r\n200 3\r\n200 4\r\n200 5\r\n200 6\r\n200 7\r\n
S> 234 go\r\n
expect note auth-trailing
expect class not-ftp
expect nothing-open
