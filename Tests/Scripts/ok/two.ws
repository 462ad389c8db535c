# Two connections in one test, named by @.
@alice connect ${URL}
@alice header X-Name: alice
@bob connect ${URL}
@bob > I am bob
@alice > I am alice
@alice < I am alice
@bob < I am bob
@alice close
@alice <close 1000
@bob ping / pong 5s
