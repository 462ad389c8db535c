# for wsline
== not refused
connect ${URL}
<refused

== refused with another status
connect ${URL}
header Sec-WebSocket-Version: 8
<refused 401

== another header field
connect ${URL}
<header Upgrade h2c

== no subprotocol
connect ${URL}
subprotocol chat
> a

== another subprotocol
connect ${URL}
subprotocol chat
<open chat

== compressed
connect ${URL}
<uncompressed
