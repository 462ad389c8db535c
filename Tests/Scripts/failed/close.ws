== another code
connect ${URL}
close 4001
<close 4002

== nothing more can be sent
connect ${URL}
close
> too late

== a message comes
connect ${URL}
> hello
<close
