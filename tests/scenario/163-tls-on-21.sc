# Goal: TLS from the first byte on the explicit port is not FTP
conf server 192.0.2.1 passive-range 50000-50100
connect
C> <client-hello 1.3>
S> <server-hello 1.3><ccs><app 23>
expect class not-ftp
expect nothing-open
