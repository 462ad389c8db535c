"""An echo server for Tests/Network/run.

    server.py [--host HOST] [--port PORT] [--unix PATH] [--tls PEM] [--client-ca PEM] [--version TLSv1_1] [--log FILE]

Prints its port, and exits when its standard input closes. Logs the headers of each request as a line of JSON.
/redirect?URL responds with 302, /status?CODE&NAME&VALUE with the given status and header.
"""

import argparse
import asyncio
import http
import json
import ssl
import sys
import urllib.parse

import websockets

parser = argparse.ArgumentParser()
parser.add_argument('--host', default='127.0.0.1')
parser.add_argument('--port', type=int, default=0)
parser.add_argument('--unix')
parser.add_argument('--tls')
parser.add_argument('--client-ca')
parser.add_argument('--version')
parser.add_argument('--log')
parser.add_argument('--messages')
options = parser.parse_args()


def context():
    if not options.tls:
        return None
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Invalid certificates and old versions are part of the tests.
    tls.set_ciphers('ALL:@SECLEVEL=0')
    tls.load_cert_chain(options.tls)
    if options.client_ca:
        tls.load_verify_locations(options.client_ca)
        tls.verify_mode = ssl.CERT_REQUIRED
    if options.version:
        tls.minimum_version = ssl.TLSVersion.TLSv1
        tls.maximum_version = getattr(ssl.TLSVersion, options.version)
    return tls


async def process_request(path, headers):
    if options.log:
        with open(options.log, 'a') as log:
            log.write(json.dumps({'path': path, **{name.lower(): value for name, value in headers.raw_items()}}) + '\n')
    route, _, query = path.partition('?')
    words = [urllib.parse.unquote(word) for word in query.split('&')]
    if route == '/redirect':
        return http.HTTPStatus.FOUND, [('Location', words[0])], b''
    if route == '/status':
        return http.HTTPStatus(int(words[0])), [(words[1], words[2])] if len(words) > 2 else [], b'the body\n'
    return None


async def echo(connection, *_):
    async for message in connection:
        if options.messages:
            with open(options.messages, 'a') as log:
                log.write(message + '\n')
        await connection.send(message)


async def main():
    common = {'process_request': process_request, 'ssl': context(), 'max_size': None}
    if options.unix:
        server = await websockets.unix_serve(echo, options.unix, **common)
        port = 0
    else:
        server = await websockets.serve(echo, options.host, options.port, **common)
        port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()

asyncio.run(main())
