# for wsline
# How the opening handshake ends.
== refused
connect ${URL}
header Sec-WebSocket-Version: 8
<refused 426
<header Sec-WebSocket-Version 13

== accepted
connect ${URL}
subprotocol chat
<open
<header Upgrade ~(?i)websocket
<compressed
> a
< a

== not compressed
connect ${URL}
no-compress
<uncompressed
