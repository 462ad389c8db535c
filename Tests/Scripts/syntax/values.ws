connect ws://127.0.0.1:1/
> ${uid()} ${random(2,1)}
set 1 x
set id $.items[
check $.id
check $.id contians 3
secret NO
<json {"id":*id:strin}
on 2
every 0 > x
<refused 99
<* 3
repeat many
end
end
include no-such-file
>json
{"a":
  ${1}}

repeat 2
