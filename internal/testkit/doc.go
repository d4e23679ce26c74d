// Package testkit is what tests of use cases start from: a small world on the real
// embedded store, with a few real divisions of Tangshan, one station, one
// organisation and actors of every role. Tests add what they need to it. The rule it
// keeps: everything in the world was made by the same use cases that the program
// uses, by the system itself.
package testkit
