# ${NAME} is what a group has captured, what --set says, or a variable of the environment, in this order.
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
