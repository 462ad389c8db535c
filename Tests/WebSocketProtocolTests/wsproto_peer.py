"""The peer in ForeignPeerTests: wsproto, an independent implementation.

Each line of standard input is a case in JSON: the role of wsproto, the agreed extension, the received bytes in
hexadecimal, the messages to send, and the maximum length of a fragment. Each line of standard output is the result: the
events received and the bytes to send.
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
        # Do not split a character: wsproto encodes each part separately.
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
