"""The tests of rooms.ws with pytest and websockets."""

import asyncio
import json
import os
import re
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect

URL = f"ws://{os.environ['HOST']}/socket.io/?EIO=4&transport=websocket"

pytestmark = pytest.mark.asyncio


class Client:
    """A connection that answers heartbeats while it waits for packets."""

    def __init__(self, websocket):
        self.websocket = websocket
        self.heartbeats = 0

    async def send(self, packet):
        await self.websocket.send(packet)

    async def receive(self, timeout=10):
        async with asyncio.timeout(timeout):
            while True:
                packet = await self.websocket.recv()
                if packet != "2":
                    return packet
                self.heartbeats += 1
                await self.websocket.send("3")

    async def emit(self, event, *arguments, number=""):
        await self.send(f"42{number}{json.dumps([event, *arguments])}")

    async def acknowledgment(self, number):
        packet = await self.receive()
        assert packet.startswith(f"43{number}[")
        return json.loads(packet.removeprefix(f"43{number}"))


@asynccontextmanager
async def open_transport():
    async with connect(URL) as websocket:
        client = Client(websocket)
        packet = await client.receive()
        assert packet.startswith("0")
        assert json.loads(packet[1:])["pingInterval"] == 1000
        yield client


@asynccontextmanager
async def open_session():
    async with open_transport() as client:
        await client.send('40{"token":"let-me-in"}')
        assert re.match(r'40\{"sid":', await client.receive())
        yield client


async def test_message_reaches_its_room_and_no_other():
    async with open_session() as ann, open_session() as bob, open_session() as eve:
        members = []
        for client, room in ((ann, "lobby"), (bob, "lobby"), (eve, "attic")):
            await client.emit("join", room, number=1)
            (joined,) = await client.acknowledgment(1)
            assert joined["room"] == room
            members.append(joined["member"])
        await ann.emit("say", {"room": "lobby", "text": "hi"})
        packet = await bob.receive()
        assert packet.startswith("42")
        assert json.loads(packet[2:]) == ["said", {"from": members[0], "text": "hi"}]
        with pytest.raises(TimeoutError):
            await eve.receive(timeout=0.3)


async def test_acknowledgment_that_takes_5_seconds_with_heartbeats_in_between():
    async with open_session() as client:
        await client.emit("slow", number=7)
        assert await client.acknowledgment(7) == ["done"]
        assert client.heartbeats >= 3


async def test_wrong_token_is_refused():
    async with open_transport() as client:
        await client.send('40{"token":"wrong"}')
        assert await client.receive() == '44{"message":"invalid token"}'
