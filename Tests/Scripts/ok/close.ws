# The closing handshake, started by the client.
== with a code
connect ${URL}
close 4001 bye
<close 4001

== with no code given
connect ${URL}
> not asked for
close
<close 1000

== left to the end of the test
connect ${URL}
> hello
< hello
