header without a colon
connect http//nowhere:1:2
connect-timeout long
max-redirects many
ca no-such-file
insecure true
auth ann
tls-min 1.1
subprotocol
proxy ftp://proxy
connect ws://localhost/
> hello
