# Statements that run several times.
== loops [quick] [loops]
connect ${URL}
for name in ann bob
  repeat 2
    > ${name} ${counter()}
  end
end
< ann 1
< ann 2
< bob 3
< bob 4
include ../files/included.txt

== a connection for each
for name in ann bob
  connect ${URL}
  header X-Name: ${name}
  > ${name}
  < ${name}
end

== not yet
skip the server cannot do it yet
