# for websockets node-ws
== no authority
connect ${TLS}
> hello

== another name
connect ${TLS}
ca ${CERTIFICATES}/ca.crt
servername other.example
> hello

== a passphrase that is wrong
connect ${TLS_FOR_CLIENTS}
ca ${CERTIFICATES}/ca.crt
cert ${CERTIFICATES}/client.crt
key ${CERTIFICATES}/locked.key
passphrase open barley
> hello

== no passphrase, and nobody is asked
connect ${TLS_FOR_CLIENTS}
ca ${CERTIFICATES}/ca.crt
cert ${CERTIFICATES}/client.crt
key ${CERTIFICATES}/locked.key
> hello
