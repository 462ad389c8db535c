connect ${URL}
proxy http://127.0.0.1:1
> hello
