connect ws://localhost/
> grüße
