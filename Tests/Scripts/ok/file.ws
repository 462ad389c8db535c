# Files are named from the folder of the script; one that is UTF-8 is a text message, unless it is to be binary.
connect ${URL}
>file ../files/text.txt
<file ../files/text.txt
>file ../files/text.txt
<string "Grüße\nvon hier\n"
>file ../files/bytes.bin
<file ../files/bytes.bin
>file ../files/bytes.bin
<hex 00ff10
>binary ../files/text.txt
<binary ../files/text.txt
