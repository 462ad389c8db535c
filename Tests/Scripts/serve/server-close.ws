# The server's side of ok/server-close.ws: does what the client says.
<~ ^(!close (?<code>\d+) (?<reason>.*)|hello)$
close 4001 good bye
<close
