connect ${URL}
>string "one\ntwo\nthree\n"
<string "one\n2\nthree\n"
