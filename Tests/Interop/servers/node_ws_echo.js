// An echo server on Debian's node-ws: prints its port, and exits when its standard input closes.
'use strict';

const { WebSocketServer } = require('ws');

// The compression threshold is the default of 1024 bytes, so that a session has compressed and uncompressed messages.
// maxPayload 0 means no limit.
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: true, maxPayload: 0 });

server.on('connection', (connection) => {
  connection.on('message', (data, isBinary) => connection.send(data, { binary: isBinary }));
  connection.on('error', (error) => console.error(error.message));
});
server.on('listening', () => console.log(server.address().port));

process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
