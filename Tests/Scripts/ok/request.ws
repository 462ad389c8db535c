# for websockets node-ws
# The request of the opening handshake.
header X-All: of all tests
header @../files/headers.txt

== headers
connect ${URL}path?query
header X-One: 1
header X-Two: a: b
subprotocol other
subprotocol chat
origin http://example.com
host example.com:8080
user-agent tests/1.0
cookie id=17
> !request
<json {"path": "/path?query", "subprotocol": "chat", "headers": {"x-all": "of all tests", "x-file": "from a file"}}
> !request
<json {"headers": {"x-one": "1", "x-two": "a: b", "origin": "http://example.com", "host": "example.com:8080"}}
> !request
<json {"headers": {"user-agent": "tests/1.0", "cookie": "id=17"}}

== user and password
connect ${URL}
auth ann:pass:word
> !request
<json {"headers": {"authorization": "Basic YW5uOnBhc3M6d29yZA=="}}

== a bearer token
connect ${URL}
bearer t0ken
> !request
<json {"headers": {"authorization": "Bearer t0ken"}}

== from the .netrc file
connect ${URL}
netrc
> !request
<json {"headers": {"authorization": "Basic bmV0OnJj"}}

== redirected
connect ${URL}redirect
location
max-redirects 1
> !request
<json {"path": "/"}
