package main

import (
	"errors"
	"net/url"
	"strings"

	"github.com/fivesociety/linkage/examples/station/api"
)

// Refused is what somebody can mend, as the payload tells it.
type Refused struct{ Errors []api.Mendable }

// Error is for people, in their language.
func (r *Refused) Error() string {
	var words []string
	for _, e := range r.Errors {
		words = append(words, e.GetMessage())
	}
	return strings.Join(words, " ")
}

// Actual is the version that stands against the one that was named; false if something
// else was wrong.
func (r *Refused) Actual() (version int, ok bool) {
	for _, e := range r.Errors {
		if c, is := e.(*api.MendableConflictError); is {
			return c.ActualVersion, true
		}
	}
	return 0, false
}

func refused(errs []api.Mendable) error {
	if len(errs) == 0 {
		return nil
	}
	return &Refused{errs}
}

// twice sends again what got no answer.
func twice[T any](send func() (T, error)) (T, error) {
	got, err := send()
	var lost *url.Error
	if errors.As(err, &lost) {
		return send()
	}
	return got, err
}
