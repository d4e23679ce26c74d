// Package play is the thread played by the demonstration world's people: one need from
// its draft to its close, through a server's own HTTP and websocket endpoints, one
// token an actor, told in plain words. Its GraphQL documents stand in the folder query,
// one operation a file, to be read and pasted. The rule it keeps: it knows nothing but
// the address, the tokens and the ids, and checks whatever it tells.
package play
