connect ws://localhost
timeout soon
wait -1s
wait 0x10
<! 300mss
pong later
close 99
close 1005
close bye
<close bye
<close 70000
>hex 00f
>hex 0g
>string hello
>string "hello
>string "a\qb" more
<json {"a":}
<json

<~ (
<~
<?
<? ~a(
<? {"a"
>file
>file no-such-file
ping 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789
