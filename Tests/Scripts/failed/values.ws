== a placeholder of another type
connect ${URL}
> {"id":7}
<json {"id":*id:string}

== no such value
connect ${URL}
> {"id":7}
<*
set id $.name

== a condition
connect ${URL}
> {"tags":["a","b"]}
<*
check $.tags count 3

== a command
connect ${URL}
set api_token !echo s3cret-value
run echo "not found: $api_token" >&2; exit 3

== a command that prints no JSON
connect ${URL}
set id !echo hello | $.id
