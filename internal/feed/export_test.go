package feed

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
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

// Alone is what an entry is to a member with an actor's rights, decided for it alone.
func (h *Hub) Alone(m Member, a access.Actor, e *store.Entry) ([]Event, error) {
	f, err := h.following(m)
	if err != nil {
		return nil, err
	}
	return f.under(a).route(nil, e), nil
}

// Views is how many views the members that can share one have.
func (h *Hub) Views() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.views)
}

// Look is all that tells apart what members are shown.
func (e *Event) Look() any { return e.look() }

// Queued is what waits for a member that reads at its own pace.
func (s *Subscription) Queued() []stream.Item {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return s.queue
}

// Err is why the member has ended; nil as long as it has not.
func (s *Subscription) Err() error {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return s.err
}

// Decided is for how many the last entry was decided by their names.
func (h *Hub) Decided() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.mine)
}
