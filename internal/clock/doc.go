// Package clock is the time that a part of the program waits by. Production uses
// the machine's clock; tests move a Manual one, so that no test sleeps. The rule
// it keeps: whoever waits takes its Clock from outside and never asks package time.
package clock
