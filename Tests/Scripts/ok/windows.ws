# From an editor of Windows: a mark at the start, and its line ends.
connect ${URL}
> hello  # comment
< hello
<! 10ms
