// Package wsclient is a small client of graphql-transport-ws over websockets, for
// the demo, the load tools and tests. It signs in by connection_init, runs
// queries, mutations and subscriptions over one connection, and hands out each
// event with its cursor. The rule it keeps: it speaks the protocol as any other
// client would and knows nothing of the server's insides.
package wsclient
