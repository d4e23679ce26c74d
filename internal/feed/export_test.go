package feed

import (
	"context"

	"github.com/fivesociety/linkage/internal/stream"
)

// busy is a receiver that is never ready, so that the hub hands nothing over to it.
type busy struct{ stream.Receiver }

// Ready is never.
func (busy) Ready() bool { return false }

// Next is the next event, for tests that take them one by one; errors as of Follow.
func (s *Subscription) Next(ctx context.Context) (Event, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Event{}, err
		}
		items, state, err := s.take(1, busy{})
		if err == nil {
			switch state {
			case taken:
				return *items[0].Event.(*Event), nil
			case behind:
				err = s.catchUp(ctx)
			case idle:
				err = s.sleep(ctx)
			case over:
			}
		}
		if err != nil {
			return Event{}, err
		}
	}
}
