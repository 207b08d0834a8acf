# Goal: of a terminated session neither packets nor conntrack have a say
segmentation matters
conf server 192.0.2.1 terminate yes
conf idle-timeout 60
request begin
request open passive 50000 pasv relay
expect open relay 10.0.0.2 192.0.2.1 50000 pasv
flow-ended
connect
rst C
expect class terminated
wait 100s
expect close relay 10.0.0.2 192.0.2.1 50000 expired
wait 1000s
expect class terminated
request open passive 50000 pasv relay
expect open relay 10.0.0.2 192.0.2.1 50000 pasv
session found 10.0.0.2:40001 192.0.2.1:21
flow-found terminated
expect no-session
