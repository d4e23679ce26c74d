// Package wire tests the whole program from outside: a real server on a free port, over a
// real store, asked by HTTP and websocket clients who send what they should not. Nothing
// here knows how the inside is made. The rule it keeps: whatever is sent, the answer is a
// typed error in the reader's language, and nothing is half written.
package wire
