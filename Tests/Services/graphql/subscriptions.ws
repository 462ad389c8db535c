# GraphQL subscriptions with both protocols: graphql-transport-ws, and graphql-ws as subscriptions-transport-ws speaks it.
# from: --any-order

== graphql-transport-ws: two subscriptions interleave, and pings are answered
connect ws://${HOST}/
subprotocol graphql-transport-ws
on {"type":"ping"} > {"type":"pong"}
> {"type":"connection_init"}
<json {"type":"connection_ack"}
> {"id":"a","type":"subscribe","payload":{"query":"subscription { count(to: 3) }"}}
> {"id":"b","type":"subscribe","payload":{"query":"subscription { count(to: 2) }"}}
for number in 1 2
  <+ {"id":"a","type":"next","payload":{"data":{"count":${number}}}}
  <+ {"id":"b","type":"next","payload":{"data":{"count":${number}}}}
end
<+ {"id":"b","type":"complete"}
<+ {"id":"a","type":"next","payload":{"data":{"count":3}}}
<+ {"id":"a","type":"complete"}

== graphql-transport-ws: a subscription before connection_init is refused
connect ws://${HOST}/
subprotocol graphql-transport-ws
> {"id":"a","type":"subscribe","payload":{"query":"subscription { count(to: 3) }"}}
<close 4401 Unauthorized

== graphql-ws: two subscriptions interleave
connect ws://${HOST}/
subprotocol graphql-ws
ignore {"type":"ka"}
> {"type":"connection_init"}
<json {"type":"connection_ack"}
> {"id":"a","type":"start","payload":{"query":"subscription { count(to: 3) }"}}
> {"id":"b","type":"start","payload":{"query":"subscription { count(to: 2) }"}}
for number in 1 2
  <+ {"id":"a","type":"data","payload":{"data":{"count":${number}}}}
  <+ {"id":"b","type":"data","payload":{"data":{"count":${number}}}}
end
<+ {"id":"b","type":"complete"}
<+ {"id":"a","type":"data","payload":{"data":{"count":3}}}
<+ {"id":"a","type":"complete"}
