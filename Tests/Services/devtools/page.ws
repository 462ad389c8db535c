# The Chrome DevTools Protocol: each command has a number, which its result repeats. Each test has a tab of its own, and
# its messages carry the session of that tab.
set BROWSER !curl -sf http://$HOST/json/version | $.webSocketDebuggerUrl

== an expression is evaluated
connect ${BROWSER}
include open-tab.part
> {"id":${counter()},"sessionId":"${tab}","method":"Runtime.evaluate","params":{"expression":"6 * 7"}}
<json {"id":4,"result":{"result":{"type":"number","value":42}}}
> {"id":${counter()},"sessionId":"${tab}","method":"Runtime.evaluate","params":{"expression":"nothing.there"}}
<json {"id":5,"result":{"exceptionDetails":{"text":"Uncaught"}}}
check $.result.exceptionDetails.exception.description startsWith "ReferenceError: nothing is not defined"
> {"id":${counter()},"sessionId":"${tab}","method":"Page.fly"}
<json {"id":6,"error":{"code":-32601,"message":"'Page.fly' wasn't found"}}

== a page is loaded, with its events in any order
connect ${BROWSER}
include open-tab.part
> {"id":${counter()},"sessionId":"${tab}","method":"Page.enable"}
<+ {"id":4,"result":{}}
<- {"method":"Inspector.targetCrashed"}
>json
{
  "id": ${counter()},
  "sessionId": "${tab}",
  "method": "Page.navigate",
  "params": {"url": "data:text/html,<title>Hello</title><h1>Hello</h1>"}
}

<+ {"id":5,"result":{"frameId":*frame,"loaderId":*loader}}
<+ {"method":"Page.frameNavigated","params":{"frame":{"id":"${frame}","loaderId":"${loader}","mimeType":"text/html"}}}
<+ {"method":"Page.domContentEventFired"}
<+ {"method":"Page.loadEventFired"}
<+ {"method":"Page.frameStoppedLoading","params":{"frameId":"${frame}"}}
> {"id":${counter()},"sessionId":"${tab}","method":"Runtime.evaluate","params":{"expression":"document.title"}}
<? {"id":6}
check $.result.result.value == "Hello"

== what a page logs is an event
connect ${BROWSER}
include open-tab.part
> {"id":${counter()},"sessionId":"${tab}","method":"Runtime.enable"}
<+ {"id":4,"result":{}}
<+ {"method":"Runtime.executionContextCreated","params":{"context":{"id":*context:integer}}}
> {"id":${counter()},"sessionId":"${tab}","method":"Runtime.evaluate","params":{"expression":"console.log('hi', 1)"}}
<+ {"id":5,"result":{"result":{"type":"undefined"}}}
<+ {"method":"Runtime.consoleAPICalled","params":{"type":"log","args":[{"value":"hi"},{"value":1}]}}
check $.params.executionContextId == ${context}
