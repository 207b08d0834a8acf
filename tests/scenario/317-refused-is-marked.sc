# Goal: a connection that a limit refused is not picked up later, in the middle of what it says
conf max-sessions-per-client 1
session one 10.0.0.2:40000 192.0.2.1:21
login
session two 10.0.0.2:40001 192.0.2.1:21
connect
expect note limit-client
S> 220 ready\r\n
expect mark not-ftp
expect no-session
session three 10.0.0.2:40002 192.0.2.1:21
flow-found clear
expect note limit-client
expect mark not-ftp
expect no-session
