# Goal: there are so many connections from pinholed-tls and no more
conf server 192.0.2.1 terminate yes
request 1 begin
request 2 begin
request 3 begin
request 4 begin
request 5 begin
request 6 begin
request 7 begin
request 8 begin
expect answer none
request 9 begin
expect answer limit-sessions
request 4 lost
request 9 begin
expect answer none
