# MQTT 3.1.1 over WebSocket: messages with QoS 1, which the receiver acknowledges by their identifier. All packets are
# binary messages, with spaces between their fields here.
subprotocol mqtt

== a message with QoS 1 reaches a subscriber
@ann connect ws://${HOST}
@bob connect ws://${HOST}
@ann >hex 10 0c 0004 4d515454 04 02 003c 0000   # CONNECT: MQTT 3.1.1, clean session, keep alive for 60 s
@ann <hex 20 02 00 00                           # CONNACK: accepted
@bob >hex 10 0c 0004 4d515454 04 02 003c 0000
@bob <hex 20 02 00 00
@bob >hex 82 08 0001 0003 612f62 01             # SUBSCRIBE to a/b with QoS 1
@bob <hex 90 03 0001 01                         # SUBACK
@ann >hex 32 09 0003 612f62 0007 6869           # PUBLISH "hi" to a/b with QoS 1, identifier 7
@ann <hex 40 02 0007                            # PUBACK for identifier 7
@bob <hex 32 09 0003 612f62 (?<id>????) 6869    # the broker chooses another identifier
@bob >hex 40 02 ${id}
@bob ping / pong

== a message without acknowledgment is delivered again
@ann  connect ws://${HOST}
@bob  connect ws://${HOST}
set name bob${random(10000,99999)}
set topic room${random(1000,9999)}
@ann  >hex 10 0c 0004 4d515454 04 02 003c 0000
@ann  <hex 20 02 00 00
@bob  >bytes "\u0010\u0014\u0000\u0004MQTT\u0004\u0000\u0000\u003c\u0000\u0008${name}"   # a session that outlives its connection
@bob  <hex 20 02 00 00
@bob  >bytes "\u0082\u000d\u0000\u0001\u0000\u0008${topic}\u0001"
@bob  <hex 90 03 0001 01
@ann  >bytes "2\u000e\u0000\u0008${topic}\u0000\u0007hi"
@ann  <hex 40 02 0007
@bob  <~b ${topic}(?<id>[\s\S]{2})hi$
@bob  close
@bob2 connect ws://${HOST}
@bob2 >bytes "\u0010\u0014\u0000\u0004MQTT\u0004\u0000\u0000\u003c\u0000\u0008${name}"
@bob2 <hex 20 02 01 00                          # the broker knows the session
@bob2 <~b ^:\x0e\x00\x08${topic}${id}hi$        # PUBLISH with the flag DUP and the same identifier
@bob2 >bytes "@\u0002${id}"                     # PUBACK
@bob2 <! 200ms
finally
@end  connect ws://${HOST}
@end  >bytes "\u0010\u0014\u0000\u0004MQTT\u0004\u0002\u0000\u003c\u0000\u0008${name}"   # a clean session ends the other
@end  <hex 20 02 00 00
