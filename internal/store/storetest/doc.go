// Package storetest is the contract of the store's engines as tests: what one
// passes the other has to pass, without a list of exceptions. An engine's own
// test is ten lines that say how to make an empty store. The rule it keeps: every
// case has a fresh empty store, waits for signals and never for time.
package storetest
