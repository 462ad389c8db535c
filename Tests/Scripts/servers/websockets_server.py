"""An echo server with commands for Tests/Scripts/run, on Debian's python3-websockets.

    websockets_server.py [--tls PEM] [--client-ca PEM] [--changed]

Prints its port, and exits when its standard input closes. Clients can send these commands:

    !ping DATA             sends a ping
    !close [CODE REASON]   starts the closing handshake
    !lose                  ends the connection without a closing handshake
    !all TEXT              sends a text message to all clients
    !request               replies with the client's request as JSON
    !header NAME           replies with one header of the request

It supports the subprotocol chat and redirects /redirect to /. With --changed, it sends different replies.
"""

import argparse
import asyncio
import http
import json
import os
import ssl
import sys

import websockets
from websockets.frames import Close

parser = argparse.ArgumentParser()
parser.add_argument("--tls")
parser.add_argument("--client-ca")
parser.add_argument("--changed", action="store_true")
options = parser.parse_args()
clients = set()


def context():
    if not options.tls:
        return None
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(options.tls)
    if options.client_ca:
        tls.load_verify_locations(options.client_ca)
        tls.verify_mode = ssl.CERT_REQUIRED
    return tls


async def process_request(path, headers):
    if path == "/redirect":
        return http.HTTPStatus.FOUND, [("Location", "/")], b""
    return None


def request(connection):
    tls = connection.transport.get_extra_info("ssl_object")
    peer = tls.getpeercert() if tls else None
    return {
        "path": connection.path,
        "subprotocol": connection.subprotocol,
        "headers": {name.lower(): value for name, value in connection.request_headers.raw_items()},
        "tls": tls.version() if tls else None,
        "client": dict(pair for part in peer["subject"] for pair in part)["commonName"] if peer else None,
    }


async def obey(connection, command, argument):
    if command == "!ping":
        await connection.ping(argument)
    elif command == "!close" and argument:
        code, _, reason = argument.partition(" ")
        await connection.close(int(code), reason)
    elif command == "!close":
        await connection.write_close_frame(Close(1005, ""), b"")
    elif command == "!lose":
        connection.transport.abort()
    elif command == "!all":
        for client in clients:
            await client.send(argument)
    elif command == "!request":
        await connection.send(json.dumps(request(connection)))
    elif command == "!header":
        await connection.send(connection.request_headers.get(argument, "none"))
    else:
        return False
    return True


async def serve(connection, path=None):
    clients.add(connection)
    try:
        async for message in connection:
            if isinstance(message, str):
                command, _, argument = message.partition(" ")
                if await obey(connection, command, argument):
                    continue
                message += "?" if options.changed else ""
            elif options.changed:
                message += b"?"
            await connection.send(message)
    finally:
        clients.discard(connection)


async def main():
    server = await websockets.serve(
        serve, "127.0.0.1", 0, max_size=None, ssl=context(), subprotocols=["chat"], process_request=process_request
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    os._exit(0)  # a client that is still connected must not keep the server alive


asyncio.run(main())
