# A server with several certificates, most of which a client must reject. `servername` selects one.
== a certificate of a known authority is accepted
connect    wss://${HOST}
servername good.example
ca         ${FOLDER}/root.crt
> hello
< hello

== an unknown authority
connect    wss://${HOST}
servername good.example
<refused tls

== another authority
connect    wss://${HOST}
servername stranger.example
ca         ${FOLDER}/root.crt
<refused tls

== an expired certificate
connect    wss://${HOST}
servername expired.example
ca         ${FOLDER}/root.crt
<refused tls

== an unknown self-signed certificate
connect    wss://${HOST}
servername self-signed.example
ca         ${FOLDER}/root.crt
<refused tls

== a self-signed certificate that the client knows
connect    wss://${HOST}
servername self-signed.example
ca         ${FOLDER}/self-signed.crt
> hello
< hello

== a certificate for another name
connect    wss://${HOST}
servername another.example
ca         ${FOLDER}/root.crt
<refused tls

