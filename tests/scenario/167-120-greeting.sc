# Goal: 120 before the 220 is a greeting that takes its time
connect
S> 120 ready in a minute\r\n
expect class greeting
S> 220 ready\r\n
expect class clear
