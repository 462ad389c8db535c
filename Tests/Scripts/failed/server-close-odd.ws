# for websockets node-ws
== no code
connect ${URL}
> !close
<close 1000

== lost
connect ${URL}
> !lose
<close 1000
