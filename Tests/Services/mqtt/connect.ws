# The broker answers CONNECT with a reason, or closes the connection.
subprotocol mqtt

== a user with a password is accepted
connect ws://${HOST}
>bytes "\u0010\u0019\u0000\u0004MQTT\u0004\u00c2\u0000\u003c\u0000\u0000\u0000\u0003ann\u0000\u0006secret"
<hex 20 02 00 00

== a wrong password is rejected
connect ws://${HOST}
>bytes "\u0010\u0018\u0000\u0004MQTT\u0004\u00c2\u0000\u003c\u0000\u0000\u0000\u0003ann\u0000\u0005wrong"
<hex 20 02 00 05
<close
