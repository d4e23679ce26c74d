package usecase

import (
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
)

// Date is a day of China's civil calendar, "2006-01-02"; "" is no day.
type Date string

// DateOf is the day of a moment in China.
func DateOf(t time.Time) Date {
	if t.IsZero() {
		return ""
	}
	return Date(t.In(clock.China).Format(time.DateOnly))
}

// Start is the moment the day begins in China. INVALID for what is no day.
func (d Date) Start() (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, string(d), clock.China)
	if err != nil {
		return time.Time{}, fault.New(fault.CodeInvalid, fault.P("rule", "DATE"))
	}
	return t.UTC(), nil
}

// YearsTo is a person's age in whole years on a later day; -1 when d is no day.
func (d Date) YearsTo(day Date) int {
	born, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return -1
	}
	on, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return -1
	}
	years := on.Year() - born.Year()
	if on.Month() < born.Month() || (on.Month() == born.Month() && on.Day() < born.Day()) {
		years--
	}
	return years
}

// SignedIn refuses an actor who is nobody: UNAUTHENTICATED.
func SignedIn(a access.Actor) error {
	if !a.SignedIn() && !a.IsSystem() {
		return fault.New(fault.CodeUnauthenticated)
	}
	return nil
}
