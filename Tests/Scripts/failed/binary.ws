== patterns
connect ${URL}
>hex 30 0a 0003
<hex 31 ?? ..

== text of a binary message
connect ${URL}
>bytes "PING\r\n"
<~b ^PONG

== not binary
connect ${URL}
> PING
<~b ^PING

== several lines
connect ${URL}
>json
{"a": [1, 2],
 "b": "x"}

<json
{"b":
 "y"}
