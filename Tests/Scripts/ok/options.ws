# Connection options, written like those of wsline connect, without dashes.
ipv4
connect-timeout 20
== limits
connect ws://server.example:${PORT}/
resolve server.example:${PORT}:127.0.0.1
no-compress
max-message-size 1K
fragment 3
close-timeout 5
> a message in fragments
< a message in fragments

== compressed
connect ${URL}
max-message-size 64M
> a message
< a message
