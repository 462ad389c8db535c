connect ${URL}
> id 42, name a.b
<~ name (?<name>\S+)$
> axb
<~ ^${name}$
