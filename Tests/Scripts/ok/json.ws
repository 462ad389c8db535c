# JSON containment: keys in any order, additional keys, numbers compared by value, * for any value.
connect ${URL}
> {"type":"welcome","id":7.0,"user":{"name":"ann","tags":["a","b"]},"at":"now"}
<json {"user": {"tags": ["a", *]}, "id": 7, "type": "welcome"}
> [1,2e0,null]
<json [1.0, 2, null]
