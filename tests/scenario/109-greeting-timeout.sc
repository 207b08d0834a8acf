# Goal: a connection without a greeting is given up after a minute
connect
expect class greeting
wait 59s
expect class greeting
wait 1s
expect no-session
