// Package sqlite is the embedded engine of the store port, in pure Go: the
// default, which needs no set-up. One table holds a noun's rows with one column
// a declared field; an index with an array in it is a table of its own, so that a
// page is always one ordered walk. The rule it keeps: write-ahead log, full
// synchronisation, one writing connection, one process a file.
package sqlite
