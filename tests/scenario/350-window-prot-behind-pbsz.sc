# Goal: PROT behind PBSZ opens nothing where its reply is as long as a 229; EPSV with an argument does
conf server 192.0.2.1 passive-range 50000-50100 opaque grant window strict proof none
encrypt 1.3
expect open ask-passive 10.0.0.2 192.0.2.1 opaque
C> <app 25>
S> <app 29>
C> <app 25>
S> <app 59>
expect no-open
# TYPE and EPSV behind it: that PROT has its place is known by now.
C> <app 25>
S> <app 47>
C> <app 25>
S> <app 59>
expect open window-passive 10.0.0.2 192.0.2.1 window
