# What a page logs is an event of the Chrome DevTools Protocol, before or after the result of the command that logs it.
set PAGE !curl -sf http://$HOST/json | $[?@.type == "page"].webSocketDebuggerUrl

== a page logs a message
connect ${PAGE}
set time ${unixMs()}
> {"id":${counter()},"method":"Runtime.discardConsoleEntries"}
<+ {"id":1,"result":{}}
> {"id":${counter()},"method":"Runtime.enable"}
<+ {"id":2,"result":{}}
<+ {"method":"Runtime.executionContextCreated","params":{"context":{"id":*context:integer}}}
> {"id":${counter()},"method":"Runtime.evaluate","params":{"expression":"console.log('now', ${time})"}}
<+ {"id":3,"result":{"result":{"type":"undefined"}}}
<+ {"method":"Runtime.consoleAPICalled","params":{"type":"log","args":[{"value":"now"},{"value":${time}}]}}
check $.params.executionContextId == ${context}
