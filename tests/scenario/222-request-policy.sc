# Goal: a server that is not terminated any more gets no more openings
conf server 192.0.2.1 terminate yes
request begin
request open passive 50000 pasv relay
expect open relay 10.0.0.2 192.0.2.1 50000 pasv
conf deny-ports 50000
conf server 192.0.2.1 terminate yes
request begin
expect close relay 10.0.0.2 192.0.2.1 50000
reload
request open passive 50001 pasv relay
expect answer not-terminated
expect no-open
