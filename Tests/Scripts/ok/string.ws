# As JSON writes it, a text may have spaces at its ends, line ends and control characters.
connect ${URL}
>string "  two\nlines\t\u0001 "
<string "  two\nlines\t\u0001 "
>string ""
<string ""
