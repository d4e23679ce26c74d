package stream

import (
	"context"
	"sync/atomic"

	"github.com/fivesociety/linkage/internal/fault"
)

// Item is one event of a feed that many follow, before any document has given it a form.
type Item struct {
	Event  any // a pointer, as the source and the resolver's dress know it; read only. One event has one look.
	Cursor string
	// Look is comparable. Items with equal looks are shown alike to whoever follows with the
	// same document in the same language.
	Look any
}

// Source is one reader's part of a feed. What the reader may see has been decided: an item
// comes only to those whom it is for.
type Source interface {
	// Follow hands over items on the goroutine of its caller, in order, while the receiver
	// has room. It returns nil once all that is past has been handed over and the receiver
	// is Ready: then the source goes on by itself until Close. Else it returns why it
	// ended. From its first call on the source lives as long as its caller wants, whatever
	// becomes of the ctx that it was made in.
	Follow(ctx context.Context, to Receiver) error
	// Close ends the source. It may be called more than once, and while Follow runs.
	Close()
}

// Receiver takes one reader's items, in order and from one goroutine at a time.
type Receiver interface {
	// Room waits until the reader can be sent more; an error says that it is gone.
	Room(ctx context.Context) error
	// Ready reports whether Take would return at once, so that one goroutine can serve many
	// receivers. It does not block.
	Ready() bool
	// Take is given items and does not keep the slice.
	Take(items []Item)
	// Again is called when the source has taken over and the receiver is not Ready any
	// more: it is to call Follow again, on a goroutine of its own, and gets what it missed.
	Again()
	// Over says, once, why the source ended after it had taken over; not after Close.
	Over(err error)
}

// Shape makes an item the next event of the subscription that it was made for; false
// passes it over. own says that ctx is the reader's; else it is nobody's, and what is
// made is for all.
type Shape func(ctx context.Context, it Item, own bool) (ready bool, err error)

// Shared reports whether the operation in ctx has become a subscription for many.
func Shared(ctx context.Context) bool {
	s := from(ctx)
	return s != nil && s.Shared()
}

// Share makes the channel of a subscription that is executed once for all readers to whom
// an item looks alike. dress makes an item an event; it is called as Shape says and must not
// keep anything of the reader it was made for, unless the subscription is personal, which
// says that its events depend on who reads and each is made for one. Over a transport that
// does not know us it ends at once.
func Share[E any](ctx context.Context, src Source, personal bool, dress func(ctx context.Context, it Item, own bool) (event E, ok bool, err error)) <-chan E {
	events := make(chan E, 1)
	to := from(ctx)
	if to == nil {
		close(events)
		return events
	}
	to.Share(src, func(ctx context.Context, it Item, own bool) (bool, error) {
		event, ready, err := dress(ctx, it, own)
		if err == nil && ready {
			select {
			case <-events: // whoever called before did not come to read it
			default:
			}
			events <- event
		}
		return ready && err == nil, err
	}, personal)
	return events
}

type apartKey struct{}

// Apart is a context for what is made for many readers: it has no identity, and Ask fails
// in it. asked reports whether anybody did since it was last called: then what was made
// depends on who reads, and must go to nobody.
func Apart(ctx context.Context) (apart context.Context, asked func() bool) {
	noted := new(atomic.Bool)
	return context.WithValue(ctx, apartKey{}, noted), func() bool { return noted.Swap(false) }
}

// Ask is called by whoever is about to say who the caller is: UNAUTHENTICATED where events
// are made for many.
func Ask(ctx context.Context) error {
	noted, ok := ctx.Value(apartKey{}).(*atomic.Bool)
	if !ok {
		return nil
	}
	noted.Store(true)
	return fault.New(fault.CodeUnauthenticated)
}
