"""An echo server on Debian's python3-websockets: prints its port, and exits when its standard input closes."""

import asyncio
import os
import sys

import websockets


async def echo(connection, path=None):
    async for message in connection:
        await connection.send(message)


async def main():
    server = await websockets.serve(echo, "127.0.0.1", 0, max_size=None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    os._exit(0)  # a client that is still connected must not keep the server alive


asyncio.run(main())
