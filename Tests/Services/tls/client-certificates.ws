# A server that asks for a client certificate.
servername members.example
ca         ${FOLDER}/root.crt

== a client with a certificate is accepted
connect wss://${HOST}
cert    ${FOLDER}/member.crt
key     ${FOLDER}/member.key
> hello
< hello

== a client without a certificate
connect wss://${HOST}
<refused tls

== a certificate of another authority
connect wss://${HOST}
cert    ${FOLDER}/impostor.crt
key     ${FOLDER}/impostor.key
<refused tls
