# The protocol of NATS: lines of text in binary messages, which <~b and >bytes read and write as text.
== a message reaches the subscribers of its subject
@ann connect ws://${HOST}
@bob connect ws://${HOST}
@ann <~b ^INFO \{"server_id"
@ann >bytes "CONNECT {\"auth_token\":\"s3cret-t0ken\",\"verbose\":true,\"pedantic\":true}\r\n"
@ann <~b ^\+OK\r\n$
@bob <~b ^INFO
@bob >bytes "CONNECT {\"auth_token\":\"s3cret-t0ken\",\"verbose\":false}\r\nSUB news.* 1\r\nPING\r\n"
@bob <~b ^PONG\r\n$
@ann >bytes "PUB news.sports 5\r\nhello\r\n"
@ann <~b ^\+OK
@ann >bytes "PUB weather 5\r\nsunny\r\n"
@ann <~b ^\+OK
@bob <~b ^MSG news\.sports 1 5\r\nhello\r\n$
@bob >bytes "UNSUB 1\r\nPING\r\n"
@bob <~b ^PONG

== a request has one reply, at an address that is new in each run
@service connect ws://${HOST}
@client  connect ws://${HOST}
@service <~b ^INFO
@service >bytes "CONNECT {\"auth_token\":\"s3cret-t0ken\",\"verbose\":false}\r\nSUB time 7\r\nPING\r\n"
@service <~b ^PONG
set inbox _INBOX.${uuid()}
@client  <~b ^INFO
@client  >bytes "CONNECT {\"auth_token\":\"s3cret-t0ken\",\"verbose\":false}\r\nSUB ${inbox} 1\r\nPUB time ${inbox} 0\r\n\r\n"
@service <~b ^MSG time 7 (?<reply>\S+) 0\r\n
@service >bytes "PUB ${reply} 4\r\nnoon\r\n"
@client  <~b ^MSG ${inbox} 1 4\r\nnoon\r\n$

== a wrong token is rejected
connect ws://${HOST}
<~b ^INFO
>bytes "CONNECT {\"auth_token\":\"wrong\",\"verbose\":false}\r\n"
<~b ^-ERR 'Authorization Violation'
<close
