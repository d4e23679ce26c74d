// Package request is the thread's noun: a service request with its need lines,
// from draft to closed. Its life is one table (state.go): who may take which step
// from which state; the use cases load, ask access, apply the pure rule and save.
// The rule it keeps: coverage is computed from promises, never typed, and what
// belongs to a request ends with it, in the same unit of work.
package request
