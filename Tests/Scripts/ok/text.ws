# A text is sent, and expected exactly. A comment is a line of its own, or follows two spaces.

connect ${URL}   # where the server is
> hello
< hello          # the spaces before the comment are ignored
> # not a comment
< # not a comment
> a "b  # c" d
< a "b  # c" d
>
<
  > indented, grüße 👩‍🚀
  < indented, grüße 👩‍🚀
