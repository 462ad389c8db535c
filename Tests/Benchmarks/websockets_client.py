"""A client with Python's websockets for the benchmarks, written as its documentation recommends."""

import asyncio
import ssl
import sys

import websockets


async def send(connection, path):
    with open(path, 'rb') as file:
        for line in file:
            await connection.send(line[:-1].decode())


async def receive(connection):
    output = sys.stdout
    async for message in connection:
        output.write(message + '\n')


async def echo(connection, path):
    with open(path, 'rb') as file:
        count = sum(1 for _ in file)
    sending = asyncio.create_task(send(connection, path))
    for _ in range(count):
        sys.stdout.write(await connection.recv() + '\n')
    await sending


async def main(what, url, certificate, *arguments):
    options = {'max_size': None, 'compression': 'deflate' if what == 'echo' else None}
    if certificate != '-':
        options['ssl'] = ssl.create_default_context(cafile=certificate)
    async with websockets.connect(url, **options) as connection:
        await {'send': send, 'receive': receive, 'echo': echo}[what](connection, *arguments)
    sys.stdout.flush()


asyncio.run(main(*sys.argv[1:]))
