# Goal: half a line without a buffer ends a decrypted session: nobody can read on
segmentation matters
conf line-buffers 1
stream-login
stream C NO
session second 10.0.0.2:40001 192.0.2.1:21
stream-login
stream C NO
expect note limit-buffers
expect mark not-ftp
