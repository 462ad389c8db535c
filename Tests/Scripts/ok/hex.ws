# Binary messages as hexadecimal digits.
connect ${URL}
>hex 00ff10
<hex 00 FF 10
>hex
<hex
