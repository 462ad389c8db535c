connect ${URL}
> hello world
< hello there
