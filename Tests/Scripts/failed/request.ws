# for websockets node-ws
== another header
connect ${URL}
header X-One: 1
> !header X-One
< 2

== no such header
connect ${URL}
> !header X-One
< 1

== redirected, and not followed
connect ${URL}redirect
> hello
