# Goal: what pinholed-tls tells of a session's TLS is kept, cut to size, and only from who began it
conf server 192.0.2.1 terminate yes
request begin
request tell TLSv1.3-A TLSv1.2-B
expect tls TLSv1.3-A TLSv1.2-B
request 2 tell x y
expect answer session-unknown
expect tls TLSv1.3-A TLSv1.2-B
request tell 123456789012345678901234567890123456789012345678901234567890 y
expect tls 12345678901234567890123456789012345678901234567 y
request begin
expect tls - -
