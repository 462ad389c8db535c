connect ${URL}
> hello
< good bye
