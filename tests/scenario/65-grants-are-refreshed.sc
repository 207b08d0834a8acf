# Goal: a grant is refreshed before it runs out, for as long as the session lives
conf grant-timeout 30
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
wait 11s
expect refresh grant-passive 10.0.0.2 192.0.2.1 opaque
wait 11s
expect refresh grant-passive 10.0.0.2 192.0.2.1 opaque
wait 600s
data 10.0.0.2 192.0.2.1 50003
expect note data
expect counter data_connections 1
