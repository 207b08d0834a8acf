# Goal: a decrypted session that there is no room for is refused, in the answer too
segmentation matters
conf max-sessions-per-client 1
stream-login
session second 10.0.0.2:40001 192.0.2.1:21
stream S 220 hi\r\n
expect note limit-client
expect answer limit-client
expect no-session
