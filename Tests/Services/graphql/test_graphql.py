"""The tests of subscriptions.ws with pytest and websockets."""

import asyncio
import json
import os
from collections import defaultdict
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError

URL = f"ws://{os.environ['HOST']}/"
TRANSPORT_WS = "graphql-transport-ws"
LEGACY_WS = "graphql-ws"

pytestmark = pytest.mark.asyncio


class Client:
    """A GraphQL connection that answers pings and ignores keep-alive messages."""

    def __init__(self, websocket):
        self.websocket = websocket
        self.pings = 0

    async def send(self, type, **fields):
        await self.websocket.send(json.dumps({"type": type, **fields}))

    async def receive(self, timeout=10):
        async with asyncio.timeout(timeout):
            while True:
                message = json.loads(await self.websocket.recv())
                if message["type"] == "ping":
                    self.pings += 1
                    await self.send("pong")
                elif message["type"] != "ka":
                    return message

    async def subscribe(self, id, to):
        start = "subscribe" if self.websocket.subprotocol == TRANSPORT_WS else "start"
        await self.send(start, id=id, payload={"query": f"subscription {{ count(to: {to}) }}"})

    async def collect(self, ids):
        """Returns the numbers of each subscription once all are complete."""
        counts = defaultdict(list)
        arrivals = []
        data = "next" if self.websocket.subprotocol == TRANSPORT_WS else "data"
        remaining = set(ids)
        while remaining:
            message = await self.receive()
            if message["type"] == "complete":
                remaining.remove(message["id"])
            else:
                assert message["type"] == data
                counts[message["id"]].append(message["payload"]["data"]["count"])
                arrivals.append(message["id"])
        return counts, arrivals


@asynccontextmanager
async def open_connection(protocol):
    async with connect(URL, subprotocols=[protocol]) as websocket:
        assert websocket.subprotocol == protocol
        yield Client(websocket)


@asynccontextmanager
async def open_session(protocol):
    async with open_connection(protocol) as client:
        await client.send("connection_init")
        assert (await client.receive())["type"] == "connection_ack"
        yield client


@pytest.mark.parametrize("protocol", [TRANSPORT_WS, LEGACY_WS])
async def test_two_subscriptions_interleave(protocol):
    async with open_session(protocol) as client:
        await client.subscribe("a", to=3)
        await client.subscribe("b", to=2)
        counts, arrivals = await client.collect({"a", "b"})
        assert counts == {"a": [1, 2, 3], "b": [1, 2]}
        assert set(arrivals[:2]) == {"a", "b"}
        if protocol == TRANSPORT_WS:
            assert client.pings >= 2


async def test_subscription_before_connection_init_is_refused():
    async with open_connection(TRANSPORT_WS) as client:
        await client.subscribe("a", to=3)
        with pytest.raises(ConnectionClosedError) as closed:
            await client.receive()
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4401, "Unauthorized")
