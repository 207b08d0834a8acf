# Goal: a server that is busy may say so; nothing opens
connect
S> 421 too many users\r\n
expect class greeting
fin S
fin C
expect no-session
