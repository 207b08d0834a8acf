# Goal: where the policy says so, a session that breaks the rules of AUTH is cut, and no other is
conf starttls-violation cut
conf server 192.0.2.1 passive-range 50000-50100
session trailing 10.0.0.2:40000 192.0.2.1:21
connect
S> 220 ready\r\n
C> AUTH TLS\r\nNOOP\r\n
S> 234 ok\r\n
expect note auth-trailing
expect note cut
expect mark cut
expect verdict cut
expect class not-ftp
C> NOOP\r\n
expect verdict cut
session behind 10.0.0.2:40001 192.0.2.1:21
connect
S> 220 ready\r\n
C> AUTH TLS\r\n
S> 234 ok\r\n230 in\r\n
expect note auth-trailing
expect mark cut
expect verdict cut
session honest 10.0.0.3:40000 192.0.2.1:21
encrypt 1.3
expect open grant-passive 10.0.0.3 192.0.2.1
expect no-note cut
expect verdict none
session stripped 10.0.0.2:40002 192.0.2.1:21
connect
S> 220 ready\r\n
C> AUTH TLS\r\n
S> 500 what?\r\n
expect note auth-stripped
expect note cut
expect mark cut
expect verdict cut
expect class not-ftp
session web 10.0.0.2:40003 192.0.2.1:21
connect
S> 220 ready\r\n
C> GET / HTTP/1.1\r\n
expect no-note cut
expect mark not-ftp
expect verdict none
expect counter sessions_cut 3
# What is dropped is cut again when it comes again, also behind the end of both ends.
session over 10.0.0.4:40001 192.0.2.1:21
connect
S> 220 ready\r\n
C!@first> AUTH TLS\r\n
send first
S!@last> 234 ok\r\n230 in\r\n
send last
expect mark cut
expect verdict cut
send last
expect verdict cut
send first
expect verdict cut
send last
expect verdict cut
rst S
expect verdict none
