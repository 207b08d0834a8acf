# Goal: half a clear line behind AUTH ends the session, too; a hello that is early is none of ours
stream-login
stream C AUTH TLS\r\n
stream C DELE
stream S 234 go on\r\n
expect note auth-trailing
expect class not-ftp
session early 10.0.0.2:40001 192.0.2.1:21
stream-login
stream C AUTH TLS\r\n
stream C <client-hello 1.3>
stream S 234 go on\r\n
expect note auth-trailing
expect class not-ftp
