// Package peers tries the server with other people's programs, from npm at the exact
// versions of package-lock.json: suites written by others, and the clients that frontends
// use. Nothing here knows how the inside is made. The rule it keeps: what a peer finds
// wrong is wrong until the specification's text says otherwise, by name.
package peers

//go:generate go generate -C ../../examples/station ./...
