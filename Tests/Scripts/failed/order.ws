== in any order
connect ${URL}
timeout 300ms
> one
<+ two

== never
connect ${URL}
> one
< one
<- ~^o

== any two
connect ${URL}
timeout 300ms
> one
<* ×2

== no such rule
connect ${URL}
ignore a
off b
