# The events of a page that is loaded have no fixed order.
set PAGE !curl -sf http://$HOST/json | $[?@.type == "page"].webSocketDebuggerUrl

== a page is loaded
connect ${PAGE}
> {"id":${counter()},"method":"Page.enable"}
<+ {"id":1,"result":{}}
<- {"method":"Inspector.targetCrashed"}
>json
{
  "id": ${counter()},
  "method": "Page.navigate",
  "params": {"url": "data:text/html,<title>Hello</title><h1>Hello</h1>"}
}

<+ {"id":2,"result":{"frameId":*frame,"loaderId":*loader}}
<+ {"method":"Page.frameNavigated","params":{"frame":{"id":"${frame}","loaderId":"${loader}","mimeType":"text/html"}}}
<+ {"method":"Page.domContentEventFired"}
<+ {"method":"Page.loadEventFired"}
<+ {"method":"Page.frameStoppedLoading","params":{"frameId":"${frame}"}}
> {"id":${counter()},"method":"Runtime.evaluate","params":{"expression":"document.title"}}
<? {"id":3}
check $.result.result.value == "Hello"
