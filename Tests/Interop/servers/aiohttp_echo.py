"""An echo server on Debian's python3-aiohttp: prints its port, and exits when its standard input closes.

With --changed, it sends different replies.
"""

import asyncio
import os
import sys

from aiohttp import WSMsgType, web

is_changed = "--changed" in sys.argv


async def echo(request):
    connection = web.WebSocketResponse(max_msg_size=0)  # 0: no limit
    await connection.prepare(request)
    async for message in connection:
        if message.type == WSMsgType.TEXT:
            await connection.send_str(message.data + ("?" if is_changed else ""))
        elif message.type == WSMsgType.BINARY:
            await connection.send_bytes(message.data + (b"?" if is_changed else b""))
    return connection


async def main():
    application = web.Application()
    application.router.add_get("/", echo)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    os._exit(0)  # a client that is still connected must not keep the server alive


asyncio.run(main())
