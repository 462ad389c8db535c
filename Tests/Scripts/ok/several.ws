# Each connect starts a test, and == starts a named one. Statements before the first apply to all.
no-compress
timeout 20s

connect ${URL}
> 1
< 1

connect ${URL}?second
> 2
< 2

== the third
connect ${URL}
> 3
< 3
