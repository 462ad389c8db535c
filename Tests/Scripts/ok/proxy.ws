# Through a proxy.
connect ${URL}
proxy ${PROXY}
> hello
< hello
