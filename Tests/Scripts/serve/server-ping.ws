# The server's side of ok/server-ping.ws.
< !ping first
ping first
< !ping second
ping second
< done
> done
< !ping third
ping third
<close
