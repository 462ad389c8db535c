# Values inside of JSON, functions and commands.
set greeting !printf 'hello\n'
== captured
connect ${URL}
> {"id":7,"tags":["a","b"],"session":{"key":"x y"}}
<json {"id":*id:integer,"tags":[*first:string, ...],"session":*}
set key $.session.key
check $.tags count 2
check $.id > 6
check $.session.no not exists
secret key
> ${id} ${first} ${key}
< 7 a x y

== made anew
connect ${URL}
> ${uuid()} ${random(5,5)} ${counter()} ${counter()} ${base64(${greeting})}
<~ ^[0-9a-f-]{36} 5 1 2 aGVsbG8=$

== commands
connect ${URL}
set list !echo '{"items":[{"id":"x"}]}' | $.items[0].id
run test -e ../files/text.txt
> ${list} ${greeting}
< x hello
finally
run true
