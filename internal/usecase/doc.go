// Package usecase is how every use case of every noun runs: one unit of work with
// an idempotency key, one form of note for the log, one form of list with sealed
// cursors, one set of checks for texts and ids. It holds no rule of any noun. The
// rule it keeps: ids, time and random are drawn before the unit, the idempotency
// key is looked up before the version.
package usecase
