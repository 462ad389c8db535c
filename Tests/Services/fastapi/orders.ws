# FastAPI: each kind of credential that curl gets at a login, and each way to be refused without one.
set TOKEN !curl -sf -d "username=ann&password=tea" http://$HOST/login | $.access_token

== a bearer token
connect ws://${HOST}/orders
bearer ${TOKEN}
<json {"type":"welcome","user":"ann"}
> tea
<json {"type":"ordered","item":"tea","id":*:string}

== a cookie
connect ws://${HOST}/orders
cookie session=${TOKEN}
<json {"type":"welcome","user":"ann"}

== a ticket opens one connection
set TICKET !curl -sf -X POST -H "Authorization: Bearer $TOKEN" http://$HOST/ticket | $.ticket
@first connect ws://${HOST}/orders?ticket=${TICKET}
@first <json {"type":"welcome","user":"ann"}
@second connect ws://${HOST}/orders?ticket=${TICKET}
@second <refused 401

== 401 without a credential
connect ws://${HOST}/orders
<refused 401

== 401 with a wrong token
connect ws://${HOST}/orders
bearer wrong
<refused 401

== 403 for a user who is no administrator
set TOKEN !curl -sf -d "username=bob&password=milk" http://$HOST/login | $.access_token
connect ws://${HOST}/admin
bearer ${TOKEN}
<refused 403
<body {"detail":"only for administrators"}
