@bob header X: y
header X: y
> before any connection
connect ws://localhost/
@bob > hello
@bob connect ws://localhost/
@bob connect ws://localhost/
> hello
origin too late
== without a connection
timeout 1s
