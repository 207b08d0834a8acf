# Goal: a session closes what is its own, whatever handle it names
conf server 192.0.2.1 terminate yes
request begin
request open passive 50000 pasv relay
expect open relay 10.0.0.2 192.0.2.1 50000 pasv
session other 10.0.0.3:40000 192.0.2.1:21
request begin
request close
request end
expect no-session
use other
request begin
expect class terminated
