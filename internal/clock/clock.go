package clock

import "time"

// Clock tells the time and calls back later. It is safe for concurrent use.
type Clock interface {
	// Now is the present moment.
	Now() time.Time
	// AfterFunc calls f once, d from now, on a goroutine of the clock's choosing.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is a call that has been asked for.
type Timer interface {
	// Stop withdraws the call and reports whether it came in time. It does not
	// wait for a call that is already running.
	Stop() bool
}

// System is the machine's clock.
func System() Clock { return system{} }

type system struct{}

func (system) Now() time.Time { return time.Now() }

func (system) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }
