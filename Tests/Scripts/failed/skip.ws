connect ${URL}
timeout 300ms
> one
> two
<? ~^three$
