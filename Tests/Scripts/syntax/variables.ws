connect ws://localhost/
> ${NO_SUCH} and ${no such}
> ${
> $${right} ${later}
<~ (?<later>.)
> ${later}
	> ${NO_SUCH_TOO}

connect ws://localhost/
> ${later}
