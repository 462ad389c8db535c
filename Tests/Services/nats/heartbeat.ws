# The server sends a ping each second, and drops a client that has not answered the last one.
== a client that answers each ping stays
connect ws://${HOST}
on <~b ^PING >bytes "PONG\r\n"
<~b ^INFO
>bytes "CONNECT {\"auth_token\":\"s3cret-t0ken\",\"verbose\":false}\r\n"
<! 4s
>bytes "SUB a 1\r\nPUB a 2\r\nhi\r\n"
<~b ^MSG a 1 2\r\nhi

== a silent client is dropped
connect ws://${HOST}
<~b ^INFO
>bytes "CONNECT {\"auth_token\":\"s3cret-t0ken\",\"verbose\":false}\r\n"
<~b ^PING\r\n
<~b ^-ERR 'Stale Connection'
