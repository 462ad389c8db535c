# A client promises to send a packet at least once a second; otherwise, the broker drops it. Mosquitto looks for silent
# clients every five seconds.
subprotocol mqtt

== a silent client is dropped
connect ws://${HOST}
>hex 10 0c 0004 4d515454 04 02 0001 0000   # CONNECT: keep alive for 1 s
<hex 20 02 00 00
<close 1006

== a client that sends heartbeats stays
connect ws://${HOST}
>hex 10 0c 0004 4d515454 04 02 0001 0000
<hex 20 02 00 00
every 500ms >hex c0 00                     # PINGREQ
ignore <hex d0 00                          # PINGRESP
<! 7s
>hex 82 08 0001 0003 612f62 00             # SUBSCRIBE
<hex 90 03 0001 00
