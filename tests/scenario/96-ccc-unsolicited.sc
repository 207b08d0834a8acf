# Goal: the pairing rules hold after CCC as before
conf server 192.0.2.1 passive-range 50000-50100
encrypt 1.3
expect open grant-passive 10.0.0.2 192.0.2.1 opaque
C> <app 22>
S> <app 58><app 19>
S> 227 ok (192,0,2,1,195,80)\r\n
expect close grant-passive 10.0.0.2 192.0.2.1 state-changed
expect note unsolicited
expect nothing-open
C> <app 19>NOOP\r\n
S> 227 ok (192,0,2,1,195,80)\r\n
expect note unsolicited
C> PASV\r\n
S> 227 ok (192,0,2,1,0,22)\r\n
expect note port-privileged
C> PORT 10,0,0,9,156,65\r\n
expect note address-foreign
expect nothing-open
