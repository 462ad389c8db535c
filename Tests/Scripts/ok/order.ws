# Messages in any order, and rules for messages.
== in any order
connect ${URL}
> {"id":1}
> {"id":2}
> three
> four
<+ three
<+ {"id":2}
<*
<- ~five
<* ×1

== answers and heartbeats
connect ${URL}
on 2 > 3
on ~^ping (?<n>.*) > pong ${n}
ignore {"type":"ka"}
> 2
> {"type":"ka"}
> ping 7
<+ 3
<+ pong 7
off 2
> 2
< 2
every 20ms > tick
< tick
< tick
off
