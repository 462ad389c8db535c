== a pong without a ping
connect ${URL}
pong
