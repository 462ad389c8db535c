# A ping from the server; messages are something else.
connect ${URL}
> !ping first
> !ping second
> done
< done
<ping first
<ping
> !ping third
<ping third
