# File names are relative to the script. Content that is valid UTF-8 is a text message, unless >binary is used.
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
