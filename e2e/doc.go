// Package e2e tries the whole program from outside: a real store, the real server on a
// free port, real HTTP and websockets. Each operation of the schema has a folder of
// cases in data (see README.md); the thread's own suites run on both stores. The rule
// it keeps: what a case expects is written down, never computed by what is tested.
package e2e
