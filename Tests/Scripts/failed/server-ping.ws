connect ${URL}
timeout 300ms
> !ping first
<ping other
