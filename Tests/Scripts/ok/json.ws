# JSON that contains this: keys in any order and more of them, numbers by what they are worth, * for anything.
connect ${URL}
> {"type":"welcome","id":7.0,"user":{"name":"ann","tags":["a","b"]},"at":"now"}
<json {"user": {"tags": ["a", *]}, "id": 7, "type": "welcome"}
> [1,2e0,null]
<json [1.0, 2, null]
