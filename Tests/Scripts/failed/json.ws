== other values
connect ${URL}
> {"type":"welcome","id":7,"user":{"name":"ann","tags":["a","b"]}}
<json {"user": {"tags": ["a"], "name": "bob"}, "id": "7", "type": "welcome", "at": *}

== no JSON
connect ${URL}
> welcome
<json {"type": "welcome"}
