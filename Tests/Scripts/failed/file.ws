== another file
connect ${URL}
>file ../files/text.txt
<file ../files/bytes.bin

== bytes for text
connect ${URL}
>binary ../files/text.txt
<file ../files/text.txt
