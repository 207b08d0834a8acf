# Goal: pinholed-tls has the limits that all have
conf server 192.0.2.1 terminate yes
conf max-sessions-per-client 2
conf max-pinholes-per-client 5
request begin
session second 10.0.0.2:40001 192.0.2.1:21
request begin
session third 10.0.0.2:40002 192.0.2.1:21
request begin
expect answer limit-client
use second
request open passive 50001 pasv relay
request open passive 50002 pasv relay
request open passive 50003 pasv relay
request open passive 50004 pasv relay
expect open relay 10.0.0.2 192.0.2.1 50001
expect open relay 10.0.0.2 192.0.2.1 50002
expect open relay 10.0.0.2 192.0.2.1 50003
expect open relay 10.0.0.2 192.0.2.1 50004
request open passive 50005 pasv relay
expect answer limit-pinholes
session fourth 10.0.0.2:40000 192.0.2.1:21
request open passive 50005 pasv relay
expect open relay 10.0.0.2 192.0.2.1 50005
request open passive 50006 pasv relay
expect answer limit-client
