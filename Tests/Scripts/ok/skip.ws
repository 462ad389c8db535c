# Messages are skipped until one matches.
connect ${URL}
> one
> two
> {"type":"other"}
> {"type":"ready","id":1}
> [1]
> last
<? two
<? {"type": "ready"}
<? [*]
<? ~^la
