# Goal: a server may connect while PORT waits for its answer, from a cold start and in strict, once, and not behind it
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof none
conf opaque-active any
session ctl 10.0.0.2:40000 192.0.2.1:21
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
expect open ask-active 192.0.2.1 10.0.0.2 opaque
C> <app 39>
session a 192.0.2.1:33333 10.0.0.2:40500
syn
expect note before-reply
expect verdict proven
expect counter windows_missed 0
expect counter windows_used 1
session b 192.0.2.1:33334 10.0.0.2:40501
syn
expect note no-window
expect verdict none
use ctl
S> <app 47>
expect no-open
session c 192.0.2.1:33335 10.0.0.2:40502
syn
expect note no-window
expect verdict none
# A refusal is an answer, too.
use ctl
C> <app 39>
S> <app 60>
session d 192.0.2.1:33336 10.0.0.2:40503
syn
expect note no-window
expect verdict none
