== a pong without a ping
connect ${URL}
pong

== no time for the pong
connect ${URL}
ping / pong 0ms
