// Package stream is the bridge between a subscription resolver and the transport
// that carries its events: the resolver hands out one event after the other with
// its cursor and says why it ends, the transport says when it has room. It stands
// apart so that resolvers need to know no transport. The rule it keeps: nobody
// pulls an event that nobody has room for, and every goroutine has an owner.
package stream
