# A ping, and its pong within a time limit.
connect ${URL}
ping
pong
ping are you there
pong 5s
ping / pong 5s
