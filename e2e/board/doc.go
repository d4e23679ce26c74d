// Package board tries the coordinators' page in a real browser, against the whole
// program with the demonstration world in it.
package board
