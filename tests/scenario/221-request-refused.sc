# Goal: a request that the policy does not allow is refused with the reason
conf server 192.0.2.1 terminate yes active refuse
conf server 2001:db8::/32 terminate yes
conf deny-ports 3306
request open passive 50000 pasv
expect answer session-unknown
request begin
request open passive 22 pasv relay
expect answer port-privileged
request open passive 3306 pasv
expect answer port-denied
request open passive 21 pasv
expect answer port-privileged
request open active 50000 port
expect answer active-refused
request open active 50000 pasv
expect answer malformed
request open passive 50000 port
expect answer malformed
request open passive 50000 used
expect answer malformed
session other 10.0.0.2:40000 192.0.2.2:21
request begin
expect answer not-terminated
expect no-session
session port 10.0.0.2:40000 192.0.2.1:8021
request begin
expect answer not-terminated
session v6 [2001:db8::2]:40000 [2001:db8:1::1]:990
request begin
request open passive 50000 epsv relay
expect open relay 2001:db8::2 2001:db8:1::1 50000 epsv
session mixed 10.0.0.2:40000 [2001:db8:1::1]:21
request begin
expect answer family-unknown
expect no-open
