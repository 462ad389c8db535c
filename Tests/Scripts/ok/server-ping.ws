# A ping from the server is expected independently of messages.
connect ${URL}
> !ping first
> !ping second
> done
< done
<ping first
<ping
> !ping third
<ping third
