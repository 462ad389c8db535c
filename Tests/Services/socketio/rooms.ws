# Socket.IO: `0` opens the transport, `40` a session. `42N` is an event with the number N, and `43N` acknowledges it.
# Engine.IO's heartbeat is `2`; the server closes a connection that does not answer it with `3`.

== a message reaches its room and no other
@ann connect ws://${HOST}/socket.io/?EIO=4&transport=websocket
@bob connect ws://${HOST}/socket.io/?EIO=4&transport=websocket
@eve connect ws://${HOST}/socket.io/?EIO=4&transport=websocket
@ann on 2 > 3
@bob on 2 > 3
@eve on 2 > 3
@ann > 40{"token":"let-me-in"}
@bob > 40{"token":"let-me-in"}
@eve > 40{"token":"let-me-in"}
@ann <? ~^40\{"sid":
@bob <? ~^40\{"sid":
@eve <? ~^40\{"sid":
@ann > 421["join","lobby"]
@bob > 421["join","lobby"]
@eve > 421["join","attic"]
@ann <~ ^431\[\{"room":"lobby","member":"(?<ann>[^"]+)"
@bob <~ ^431\[\{"room":"lobby"
@eve <~ ^431\[\{"room":"attic"
@ann > 42["say",{"room":"lobby","text":"hi"}]
@bob < 42["said",{"from":"${ann}","text":"hi"}]
@eve <! 300ms

== an acknowledgment that takes 5 seconds, with heartbeats in between
connect ws://${HOST}/socket.io/?EIO=4&transport=websocket
on 2 > 3
<~ ^0\{"sid":.*"pingInterval":1000
> 40{"token":"let-me-in"}
<~ ^40\{"sid":
> 427["slow"]
< 437["done"]

== a wrong token is refused
connect ws://${HOST}/socket.io/?EIO=4&transport=websocket
> 40{"token":"wrong"}
<? 44{"message":"invalid token"}
