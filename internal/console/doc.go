// Package console is the pages that the program shows in a browser, with all that
// they need embedded: the board, on which coordinators work, and the explorer,
// GraphiQL with the platform's own header for who is asking and in which language.
// The rule it keeps: a page works with no network but this server, calls the same
// GraphQL as everybody, and keeps tokens in the tab's session storage only, never in
// an address or on disk for longer.
package console
