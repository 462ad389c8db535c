# Jupyter Server: runs cells in a kernel, with a new message id each time.
# options: --repeat 20
# from: --any-order
set TOKEN let-me-in
# A POST returns the session with this name if there is one, with its kernel.
set KERNEL !curl -sf -H "Authorization: token $TOKEN" http://$HOST/api/sessions -d @session.json | $.kernel.id

== the reply, the result and the idle status come in any order
connect ws://${HOST}/api/kernels/${KERNEL}/channels
header Authorization: token ${TOKEN}
set id ${uuid()}
>json
{"channel": "shell",
 "header": {"msg_id": "${id}", "msg_type": "execute_request", "session": "${uuid()}", "username": "",
            "date": "${now()}", "version": "5.4"},
 "parent_header": {}, "metadata": {},
 "content": {"code": "6*7", "silent": false, "allow_stdin": false}}

<+ {"msg_type":"execute_reply","parent_header":{"msg_id":"${id}"},"content":{"status":"ok"}}
<+ {"msg_type":"execute_result","parent_header":{"msg_id":"${id}"},"content":{"data":{"text/plain":"42"}}}
<+ {"msg_type":"status","parent_header":{"msg_id":"${id}"},"content":{"execution_state":"idle"}}
<- {"msg_type":"error"}

== an exception
connect ws://${HOST}/api/kernels/${KERNEL}/channels
header Authorization: token ${TOKEN}
set id ${uuid()}
>json
{"channel": "shell",
 "header": {"msg_id": "${id}", "msg_type": "execute_request", "session": "${uuid()}", "username": "",
            "date": "${now()}", "version": "5.4"},
 "parent_header": {}, "metadata": {},
 "content": {"code": "1/0", "silent": false, "allow_stdin": false}}

<+ {"msg_type":"execute_reply","parent_header":{"msg_id":"${id}"},"content":{"status":"error","ename":"ZeroDivisionError"}}
<+ {"msg_type":"error","parent_header":{"msg_id":"${id}"},"content":{"evalue":"division by zero"}}
<+ {"msg_type":"status","parent_header":{"msg_id":"${id}"},"content":{"execution_state":"idle"}}

== a wrong token
connect ws://${HOST}/api/kernels/${KERNEL}/channels
header Authorization: token wrong
<refused 403
