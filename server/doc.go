// Package server is the program's face: HTTP, GraphQL over it, who is calling, how
// errors are shown, what a query may cost, and whether the process is well. It holds
// no rule of any noun. The rule it keeps: what a client sends is bounded before it
// is understood, and no cause, no body and no personal data reaches a client or a
// log that it was not meant for.
package server
