connect ${URL}
> 1
< 1

connect ${URL}?second
> 2
< two

== the third
connect ${URL}
> 3
< 3
