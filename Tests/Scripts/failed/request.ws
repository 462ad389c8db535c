# for websockets node-ws
== another header
connect ${URL}
header X-One: 1
> !request
<json {"headers": {"x-one": "2"}}

== redirected, and not followed
connect ${URL}redirect
> hello

== a subprotocol that the server does not know
connect ${URL}
subprotocol other
> !request
<json {"subprotocol": "other"}
