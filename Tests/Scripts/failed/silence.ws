connect ${URL}
> hello
<! 5s
