# Nothing arrives for a while: no message, and no Close.
connect ${URL}
<! 100ms
> hello
< hello
<! 100ms
