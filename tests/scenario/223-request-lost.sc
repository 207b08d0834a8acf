# Goal: when the connection to pinholed-tls ends, all that it had begun closes, and nothing of another one
conf server 192.0.2.1 terminate yes
request begin
request open passive 50000 pasv relay
request open passive 50001 pasv
expect open relay 10.0.0.2 192.0.2.1 50000 pasv
expect open pinhole 10.0.0.2 192.0.2.1 50001 pasv
session other 10.0.0.3:40000 192.0.2.1:21
request 2 begin
request 2 open passive 50000 pasv relay
expect open relay 10.0.0.3 192.0.2.1 50000 pasv
request 1 open passive 50002 pasv
expect answer session-unknown
request 1 end
expect answer session-unknown
request 1 lost
expect close relay 10.0.0.2 192.0.2.1 50000 terminator-lost
expect close pinhole 10.0.0.2 192.0.2.1 50001 terminator-lost
expect class terminated
request 3 begin
expect close relay 10.0.0.3 192.0.2.1 50000 replaced
request 2 open passive 50002 pasv
expect answer session-unknown
request 2 lost
expect class terminated
request 3 lost
expect no-session
