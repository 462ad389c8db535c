connct ws://localhost
connect
connect ws://localhost  # this line is valid
hello
>hello
>> hello
<jsn {"a":1}
<json{"a":1}
>~ a
@ > hello
@bob
@b*b > hello
@bob > hello
==
