# Goal: a server that does not greet with 220 is not FTP
connect
S> SSH-2.0-OpenSSH_9.2\r\n
expect class not-ftp
