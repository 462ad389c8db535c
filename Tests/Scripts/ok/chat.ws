# for websockets node-ws
# A message of one client reaches all clients.
@alice connect ${URL}
@alice subprotocol chat
@bob connect ${URL}
@bob subprotocol chat
@alice > ready
@alice < ready
@bob > ready
@bob < ready
@alice > !all hi there
@bob < hi there
@alice < hi there
@bob <! 50ms
