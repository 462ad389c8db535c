# A connect is a test; == names one. What stands before the first holds for all.
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
