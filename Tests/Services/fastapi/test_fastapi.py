"""The tests of orders.ws with pytest, httpx and websockets."""

import asyncio
import json
import os

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

HOST = os.environ["HOST"]
ORDERS = f"ws://{HOST}/orders"

pytestmark = pytest.mark.asyncio


def login(username, password):
    response = httpx.post(f"http://{HOST}/login", data={"username": username, "password": password})
    response.raise_for_status()
    return response.json()["access_token"]


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def token():
    return login("ann", "tea")


@pytest.fixture
def ticket(token):
    response = httpx.post(f"http://{HOST}/ticket", headers=bearer(token))
    response.raise_for_status()
    return response.json()["ticket"]


async def receive(websocket):
    async with asyncio.timeout(10):
        return json.loads(await websocket.recv())


async def assert_welcome(url, **options):
    async with connect(url, **options) as websocket:
        message = await receive(websocket)
        assert message == {"type": "welcome", "user": "ann"}


async def assert_refused(status, url, **options):
    with pytest.raises(InvalidStatus) as refusal:
        async with connect(url, **options):
            pass
    response = refusal.value.response
    assert response.status_code == status
    return response


async def test_bearer_token(token):
    async with connect(ORDERS, additional_headers=bearer(token)) as websocket:
        assert await receive(websocket) == {"type": "welcome", "user": "ann"}
        await websocket.send("tea")
        message = await receive(websocket)
        assert message["type"] == "ordered"
        assert message["item"] == "tea"
        assert isinstance(message["id"], str)


async def test_cookie(token):
    await assert_welcome(ORDERS, additional_headers={"Cookie": f"session={token}"})


async def test_ticket_opens_one_connection(ticket):
    await assert_welcome(f"{ORDERS}?ticket={ticket}")
    await assert_refused(401, f"{ORDERS}?ticket={ticket}")


async def test_401_without_a_credential():
    await assert_refused(401, ORDERS)


async def test_401_with_a_wrong_token():
    await assert_refused(401, ORDERS, additional_headers=bearer("wrong"))


async def test_403_for_a_user_who_is_no_administrator():
    token = login("bob", "milk")
    response = await assert_refused(403, f"ws://{HOST}/admin", additional_headers=bearer(token))
    assert json.loads(response.body) == {"detail": "only for administrators"}
