// The same server as websockets_server.py, with Debian's node-ws: it has the same options and commands.
'use strict';

const { createServer } = require(process.argv.includes('--tls') ? 'https' : 'http');
const { readFileSync } = require('fs');
const { WebSocketServer } = require('ws');

const option = (name) => process.argv.includes(name) && process.argv[process.argv.indexOf(name) + 1];
const isChanged = process.argv.includes('--changed');

const settings = {};
if (option('--tls')) settings.cert = settings.key = readFileSync(option('--tls'));
if (option('--client-ca')) Object.assign(settings, { ca: readFileSync(option('--client-ca')), requestCert: true });

const http = createServer(settings);
const server = new WebSocketServer({
  noServer: true,
  perMessageDeflate: true,
  maxPayload: 0,
  handleProtocols: (protocols) => (protocols.has('chat') ? 'chat' : false),
});

http.on('upgrade', (request, socket, head) => {
  if (request.url === '/redirect') {
    socket.end('HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n');
  } else {
    server.handleUpgrade(request, socket, head, (connection) => serve(connection, request));
  }
});

function describe(connection, request) {
  const tls = request.socket.encrypted && request.socket.getProtocol();
  const client = tls && request.socket.getPeerCertificate().subject;
  return {
    path: request.url,
    subprotocol: connection.protocol || null,
    headers: request.headers,
    tls: tls || null,
    client: client ? client.CN : null,
  };
}

function serve(connection, request) {
  const commands = {
    '!ping': (argument) => connection.ping(argument),
    '!close': (argument) => {
      const [code, ...reason] = argument.split(' ');
      if (code) connection.close(Number(code), reason.join(' '));
      else connection.close();
    },
    '!lose': () => connection.terminate(),
    '!all': (argument) => server.clients.forEach((client) => client.send(argument)),
    '!header': (argument) => connection.send(request.headers[argument.toLowerCase()] || 'none'),
    '!request': () => connection.send(JSON.stringify(describe(connection, request))),
  };
  connection.on('message', (data, isBinary) => {
    const [command, ...words] = isBinary ? [] : data.toString().split(' ');
    if (Object.hasOwn(commands, command)) commands[command](words.join(' '));
    else connection.send(isChanged ? Buffer.concat([data, Buffer.from('?')]) : data, { binary: isBinary });
  });
  connection.on('error', (error) => console.error(error.message));
}

http.listen(0, '127.0.0.1', () => console.log(http.address().port));

process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
