timeout 1m
connect ${URL}
timeout 0.2
< hello
