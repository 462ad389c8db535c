connect ${URL}
@bob connect ${URL}
> hello
@bob > I am bob
@bob < I am alice
