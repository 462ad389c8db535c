# Binary messages, and JSON on several lines.
== patterns
connect ${URL}
>hex 30 0a 0003 612f63 ff ff 6869
<hex 30 ?? 0003 612f63 .. 6869
>hex 32 09 0003 612f62 1f0a 6869
<hex 32 ?? 0003 (?<topic>.. 62) (?<id>????) ..
>hex 40 02 ${id}
<hex 40 02 1f0a
>hex ${topic}
<hex 612f62
>bytes "INFO \u00ff\r\n"
<~b ^INFO (?<byte>.)\r\n$
>bytes "${byte}"
<hex ff
>base64 AAH/
<base64 AAH/

== several lines
connect ${URL}
>json
{"channel": "shell",
 "content": {"code": "6*7"}}

< {"channel":"shell","content":{"code":"6*7"}}
>json pretty
{
  "a": 1
}

<json
{
  "a": *
}
