# for websockets node-ws
# What one says, all hear.
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
