# The Chrome DevTools Protocol: each command has a number, which its result repeats.
set PAGE !curl -sf http://$HOST/json | $[?@.type == "page"].webSocketDebuggerUrl

== an expression is evaluated
connect ${PAGE}
> {"id":${counter()},"method":"Runtime.evaluate","params":{"expression":"6 * 7"}}
<json {"id":1,"result":{"result":{"type":"number","value":42}}}

== an exception has a description
connect ${PAGE}
set name variable${random(1,1000000)}
> {"id":${counter()},"method":"Runtime.evaluate","params":{"expression":"${name}.length"}}
<json {"id":1,"result":{"exceptionDetails":{"text":"Uncaught"}}}
check $.result.exceptionDetails.exception.description startsWith "ReferenceError: ${name} is not defined"

== an unknown command is an error
connect ${PAGE}
> {"id":${counter()},"method":"Page.fly"}
<json {"id":1,"error":{"code":-32601,"message":"'Page.fly' wasn't found"}}
