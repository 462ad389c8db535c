# Waiting, and the time limits of steps in all spellings.
timeout 1m
connect ${URL}
timeout 10
wait 50ms
> hello
wait 0.05s
timeout 2.5s
< hello
