# A regular expression matches anywhere in the text, and its named groups become variables.
connect ${URL}
> {"id":42,"name":"a.b"}
<~ ^\{"id":(?<id>\d+),"name":"(?<name>[^"]*)"\}$
> ${id} and ${name}
< 42 and a.b
> x a.b x
<~ ${name}   # the value of a variable is matched literally
