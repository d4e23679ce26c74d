// Package live carries GraphQL over websockets: a graphql.Transport of our own
// that speaks the graphql-transport-ws protocol on gorilla/websocket. It knows
// frames, connections and sessions, and no noun: resolvers hand it events through
// package stream, and the server tells it who is calling through the Init hook. The rule
// it keeps: a reader that stops reading costs its own connection and nothing
// else, and no frame leaves that the protocol or the reader's rights forbid.
package live
