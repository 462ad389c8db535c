# for websockets node-ws
== 1005 stands for a Close without a code
connect ${URL}
> !close
<close 1005

== 1006 stands for none at all
connect ${URL}
> !lose
<close 1006
