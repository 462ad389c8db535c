# The server's side of ok/server-close.ws: closes with 4001, whatever code the client names.
<~ ^!close
close 4001 good bye
<close
