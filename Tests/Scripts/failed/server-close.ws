== another code
connect ${URL}
> !close 4001 good bye
<close 4002

== another reason
connect ${URL}
> !close 4001 good bye
<close 4001 farewell

== a message is awaited
connect ${URL}
> !close 4001 good bye
< hello
