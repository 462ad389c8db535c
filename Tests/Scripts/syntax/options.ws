header without a colon
connect ftp://nowhere
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

connect ws://localhost/
key ../files/text.txt
passphrase -
> hello
