// Package mongo is the shared engine of the store port, for several processes on
// one MongoDB replica set (6.0 or later). One collection holds a noun's rows
// {_id, v, r, shape, f: declared values, b: body}; every batch is one transaction
// that changes the one counter first, so that all batches of all processes stand
// in one order. The rule it keeps: majority writes, majority reads on the primary,
// every walk bounded on a named index, every error translated once.
package mongo
