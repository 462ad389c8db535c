# for websockets node-ws
timeout 300ms
@alice connect ${URL}
@bob connect ${URL}
@bob > ready
@bob < ready
@alice > hi there
@bob < hi there
