# The closing handshake, started by the server. 1005 stands for a Close without a code.
== with a code and a reason
connect ${URL}
> !close 4001 good bye
<close 4001 good bye

== with any code
connect ${URL}
> !close 1001 going away
<close
