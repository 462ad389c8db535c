# A JSON string can represent spaces at the ends of a text, line breaks and control characters.
connect ${URL}
>string "  two\nlines\t\u0001 "
<string "  two\nlines\t\u0001 "
>string ""
<string ""
