== another byte
connect ${URL}
>hex 00ff10
<hex 00ff11

== text for bytes
connect ${URL}
> a
<hex 61
