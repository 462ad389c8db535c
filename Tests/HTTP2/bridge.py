#!/usr/bin/env python3
"""Accepts WebSockets over HTTP/1.1, and carries each over HTTP/2 (RFC 8441) to a server, byte by byte.

    Tests/HTTP2/bridge.py PORT      PORT is the server's, on loopback without TLS; prints the port to connect to

Requires h2 from PyPI. For Tests/Autobahn/run-server, whose client has no HTTP/2.
"""

import asyncio
import base64
import hashlib
import sys

import h2.config
import h2.connection
import h2.events

GUID = b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
PASSED_ON = ('origin', 'sec-websocket-extensions', 'sec-websocket-protocol', 'sec-websocket-version')
server_port = int(sys.argv[1])


class Bridge:
    def __init__(self, reader, writer):
        (self.reader, self.writer) = (reader, writer)
        self.http2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding='utf-8'))
        self.number = None
        self.key = b''
        self.settings = asyncio.Event()
        self.accepted = asyncio.Event()
        self.window = asyncio.Event()

    async def run(self):
        head = (await self.reader.readuntil(b'\r\n\r\n')).decode('latin-1').split('\r\n')
        fields = dict((name.lower(), value.strip()) for name, _, value in (line.partition(':') for line in head[1:-2]))
        self.key = fields['sec-websocket-key'].encode()
        self.server, self.to_server = await asyncio.open_connection('127.0.0.1', server_port)
        self.http2.initiate_connection()
        self.http2.increment_flow_control_window(1 << 24)
        self.to_server.write(self.http2.data_to_send())
        receiving = asyncio.create_task(self.receive())
        await self.settings.wait()
        self.number = self.http2.get_next_available_stream_id()
        self.http2.send_headers(self.number, [
            (':method', 'CONNECT'), (':protocol', 'websocket'), (':scheme', 'http'), (':path', head[0].split(' ')[1]),
            (':authority', fields['host'])] + [(name, fields[name]) for name in PASSED_ON if name in fields])
        self.http2.increment_flow_control_window(1 << 24, self.number)
        self.to_server.write(self.http2.data_to_send())
        await self.accepted.wait()
        sending = asyncio.create_task(self.send())
        await receiving
        sending.cancel()
        self.to_server.close()
        self.writer.close()

    async def send(self):
        while data := await self.reader.read(1 << 16):
            while data:
                size = min(len(data), self.http2.local_flow_control_window(self.number), self.http2.max_outbound_frame_size)
                if size:
                    self.http2.send_data(self.number, data[:size])
                    data = data[size:]
                else:
                    self.window.clear()
                    await self.window.wait()
            self.to_server.write(self.http2.data_to_send())
            await self.to_server.drain()
        self.http2.end_stream(self.number)
        self.to_server.write(self.http2.data_to_send())

    async def receive(self):
        while data := await self.server.read(1 << 18):
            for event in self.http2.receive_data(data):
                if isinstance(event, h2.events.RemoteSettingsChanged):
                    self.settings.set()
                elif isinstance(event, h2.events.WindowUpdated):
                    self.window.set()
                elif isinstance(event, h2.events.ResponseReceived):
                    self.respond(dict(event.headers))
                elif isinstance(event, h2.events.DataReceived):
                    self.http2.acknowledge_received_data(event.flow_controlled_length, self.number)
                    self.writer.write(event.data)
                elif isinstance(event, h2.events.StreamEnded):
                    await self.writer.drain()
                    return
                elif isinstance(event, (h2.events.StreamReset, h2.events.ConnectionTerminated)):
                    self.writer.transport.abort()
                    return
            self.to_server.write(self.http2.data_to_send())
            await self.writer.drain()

    def respond(self, headers):
        if headers[':status'] != '200':
            raise ConnectionError(headers[':status'])
        accept = base64.b64encode(hashlib.sha1(self.key + GUID).digest()).decode()
        lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade',
                 f'Sec-WebSocket-Accept: {accept}']
        lines += [f'{name}: {value}' for name, value in headers.items() if name.startswith('sec-websocket-')]
        self.writer.write(('\r\n'.join(lines) + '\r\n\r\n').encode())
        self.accepted.set()


async def accept(reader, writer):
    try:
        await Bridge(reader, writer).run()
    except (OSError, EOFError, h2.exceptions.ProtocolError):
        writer.transport.abort()


async def main():
    bridge = await asyncio.start_server(accept, '127.0.0.1', 0)
    print(bridge.sockets[0].getsockname()[1], flush=True)
    await bridge.serve_forever()


asyncio.run(main())
