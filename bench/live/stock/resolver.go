package stock

import (
	"context"
	"sync"
)

// queue is how many events a subscriber may lag behind before the publisher waits.
const queue = 256

// Resolver hands one event to all who subscribed, as the guide of gqlgen shows it.
type Resolver struct {
	mu      sync.Mutex
	readers map[chan RequestFeedEvent]context.Context
}

// Query has nothing to tell.
func (r *Resolver) Query() QueryResolver { return r }

// Subscription is the resolver itself.
func (r *Resolver) Subscription() SubscriptionResolver { return r }

// Up is there because a schema needs a query.
func (r *Resolver) Up(context.Context) (bool, error) { return true, nil }

// RequestFeed subscribes until ctx ends.
func (r *Resolver) RequestFeed(ctx context.Context, _ *RequestFeedFilter, _ *string) (<-chan RequestFeedEvent, error) {
	ch := make(chan RequestFeedEvent, queue)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.readers == nil {
		r.readers = map[chan RequestFeedEvent]context.Context{}
	}
	r.readers[ch] = ctx
	context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.readers, ch)
	})
	return ch, nil
}

// Publish hands an event to everybody; it waits for who lags a whole queue behind.
func (r *Resolver) Publish(ev RequestFeedEvent) {
	r.mu.Lock()
	readers := make(map[chan RequestFeedEvent]context.Context, len(r.readers))
	for ch, ctx := range r.readers {
		readers[ch] = ctx
	}
	r.mu.Unlock()
	for ch, ctx := range readers {
		select {
		case ch <- ev:
		case <-ctx.Done():
		}
	}
}

// Len is how many subscribe.
func (r *Resolver) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.readers)
}
