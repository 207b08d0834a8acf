# Goal: after unseen bytes of the server a 227 is not taken for the answer to an older PASV
segmentation matters
login
C> PASV\r\n
S~> 425 no\r\n
C> NOOP\r\n
S> 227 forged (192,0,2,1,195,80)\r\n
expect nothing-open
C> NOOP\r\n
S> 200 ok\r\n
C> EPSV\r\n
S> 229 ok (|||50001|)\r\n
expect open pinhole 10.0.0.2 192.0.2.1 50001 epsv
