# A text is sent, and expected to the letter. Comments stand on lines of their own, or behind two spaces.

connect ${URL}   # where the server is
> hello
< hello          # the spaces before this do not count
> # not a comment
< # not a comment
> a "b  # c" d
< a "b  # c" d
>
<
  > indented, grüße 👩‍🚀
  < indented, grüße 👩‍🚀
