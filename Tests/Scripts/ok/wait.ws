# Waits, with a limit for each step in its several forms.
timeout 1m
connect ${URL}
timeout 10
wait 50ms
> hello
wait 0.05s
timeout 2.5s
< hello
