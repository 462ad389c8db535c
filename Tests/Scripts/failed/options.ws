== too large
connect ${URL}
max-message-size 10
no-compress
> more than ten bytes
< more than ten bytes

== no such address
connect ${URL}
ipv6
> hello
< hello
