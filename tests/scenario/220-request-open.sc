# Goal: what pinholed-tls asks for opens between the session's two ends
conf server 192.0.2.1 terminate yes
request begin
expect answer none
expect note terminated
expect class terminated
request open passive 50000 pasv relay
expect answer none
expect open relay 10.0.0.2 192.0.2.1 50000 pasv
data 10.0.0.2 192.0.2.1 50000
expect used relay 10.0.0.2 192.0.2.1 50000
request open active 50010 eprt
expect open pinhole 192.0.2.1 10.0.0.2 50010 eprt
request close
expect close pinhole 192.0.2.1 10.0.0.2 50010 withdrawn
request close
expect answer none
request open active 50011 port relay
expect open relay 192.0.2.1 10.0.0.2 50011 port
request end
expect close relay 192.0.2.1 10.0.0.2 50011 control-ended
expect no-session
request open passive 50000 pasv
expect answer session-unknown
request end
expect answer session-unknown
expect no-open
