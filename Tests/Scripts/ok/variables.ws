# ${NAME} is a captured value, a variable of --set, or an environment variable, in this order.
connect ${URL}
> $${NAME} is ${NAME}, from ${HOME_OF_TESTS}; $NAME stays
< $${NAME} is ${NAME}, from ${HOME_OF_TESTS}; $NAME stays
> NAME=captured
<~ =(?<NAME>.*)
> ${NAME}
< captured
ping ${NAME}
pong
close 4000 ${NAME}
<close 4000
