# for websockets node-ws
# Certificates: the server's and the client's.
== an authority
connect ${TLS}
ca ${CERTIFICATES}/ca.crt
tls-min 1.2
> !request
<json {"client": null}

== no check
connect ${TLS}
insecure
tls-min 1.3
> !request
<json {"tls": "TLSv1.3"}

== no check, by the name of wscat
connect ${TLS}
no-check
> hello
< hello

== another name
connect ${TLS_BY_ADDRESS}
ca ${CERTIFICATES}/ca.crt
servername localhost
> hello
< hello

== our own certificate
connect ${TLS_FOR_CLIENTS}
ca ${CERTIFICATES}/ca.crt
cert ${CERTIFICATES}/client.crt
key ${CERTIFICATES}/client.key
> !request
<json {"client": "client"}

== with a passphrase
connect ${TLS_FOR_CLIENTS}
ca ${CERTIFICATES}/ca.crt
cert ${CERTIFICATES}/client.crt
key ${CERTIFICATES}/locked.key
passphrase open sesame
> !request
<json {"client": "client"}
