"""The other endpoint of ForeignPeerTests: wsproto, an implementation that is not ours.

Each line of standard input is a case in JSON: the role that wsproto has, the extension as it was agreed on, the bytes
that came (hexadecimal), the messages to send, and how long a fragment may be. Each line of standard output is what
wsproto made of it: the events it saw, and the bytes it sends.
"""

import json
import random
import sys

from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage
from wsproto.extensions import PerMessageDeflate


def connection(case):
    is_client = case["role"] == "client"
    extensions = []
    if case["deflate"]:
        extension = PerMessageDeflate()
        if is_client:
            extension.finalize(case["deflate"])
        else:
            extension.accept(case["deflate"])
        extensions = [extension]
    return Connection(ConnectionType.CLIENT if is_client else ConnectionType.SERVER, extensions)


def receive(peer, data, chooser):
    events = []
    parts = []
    while data:
        count = chooser.randint(1, max(1, min(len(data), 5000)))
        peer.receive_data(data[:count])
        data = data[count:]
        for event in peer.events():
            if isinstance(event, (TextMessage, BytesMessage)):
                part = event.data.encode() if isinstance(event, TextMessage) else bytes(event.data)
                parts.append(part)
                if event.message_finished:
                    kind = "text" if isinstance(event, TextMessage) else "binary"
                    events.append([kind, b"".join(parts).hex()])
                    parts = []
            elif isinstance(event, (Ping, Pong)):
                events.append([type(event).__name__.lower(), bytes(event.payload).hex()])
            elif isinstance(event, CloseConnection):
                events.append(["close", str(int(event.code))])
    return events


def send(peer, messages, fragment):
    sent = b""
    for kind, payload in messages:
        payload = bytes.fromhex(payload)
        if kind in ("ping", "pong"):
            sent += peer.send((Ping if kind == "ping" else Pong)(payload))
            continue
        # A character must not be cut: wsproto encodes each part by itself.
        whole = payload.decode() if kind == "text" else payload
        parts = [whole[i : i + fragment] for i in range(0, len(whole), fragment)] or [whole]
        for index, part in enumerate(parts):
            event = TextMessage if kind == "text" else BytesMessage
            sent += peer.send(event(data=part, message_finished=index == len(parts) - 1))
    return sent


for line in sys.stdin:
    case = json.loads(line)
    peer = connection(case)
    seen = receive(peer, bytes.fromhex(case["bytes"]), random.Random(case["seed"]))
    print(json.dumps({"received": seen, "bytes": send(peer, case["messages"], case["fragment"]).hex()}), flush=True)
