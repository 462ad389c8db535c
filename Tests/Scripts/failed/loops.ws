== the second round
connect ${URL}
for name in ann bob
  > ${name}
  < ann
end
finally
> bye

== an included file
connect ${URL}
timeout 300ms
include ../files/included.txt
< included

== too often
connect ${URL}
repeat 1000
  repeat 1001
    timeout 1s
  end
end
