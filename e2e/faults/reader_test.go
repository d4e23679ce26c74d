package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fivesociety/linkage/internal/wsclient"
)

const watch = `subscription($filter: RequestFeedFilter, $after: String) { requestFeed(filter: $filter, after: $after) { __typename
	... on FeedEvent { cursor } ... on FeedGap { reason }
	... on RequestEntered { kind serviceRequest { id revision urgency note } } ... on RequestChanged { kind serviceRequest { id revision urgency note } }
	... on RequestLeft { serviceRequestId } } }`

// event is one of a feed, without its cursor: that is sealed anew each time it is told.
type event struct {
	Type, Kind, ID string
	Revision       int64
	Urgency, Note  string
}

// reader follows a feed and comes back whenever it is cut off.
type reader struct {
	name, token string
	filter      map[string]any
	stock       bool // it comes back with the cursor it began with, as a stock client does, and drops what it has

	mu      sync.Mutex
	told    chan struct{} // there may be news
	started string        // the cursor it began with
	cursor  string        // the last one
	events  []event
	held    map[string]int64 // of a stock client: the revision it has of each request
	again   int              // events that it had
	opened  int
	ends    map[string]int // why connections ended
	wrong   error
}

func newReader(name, token string, filter map[string]any) *reader {
	return &reader{name: name, token: token, filter: filter, told: make(chan struct{}, 1), ends: map[string]int{}, held: map[string]int64{}}
}

// follow reads until ctx ends or it hears what there must not be.
func (r *reader) follow(ctx context.Context, f *front) {
	for ctx.Err() == nil {
		f.ready(ctx)
		err := r.connect(ctx, "ws://"+f.Addr().String()+"/graphql")
		if ctx.Err() != nil || r.note(err) {
			return
		}
		pause(ctx)
	}
}

// note counts an end; true for one that there must not be.
func (r *reader) note(err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	var closed *wsclient.CloseError
	var refused *wsclient.OperationError
	switch {
	case errors.As(err, &closed):
		r.ends[fmt.Sprint(closed.Code)]++
		if closed.Code >= 4000 {
			r.wrong = err
		}
	case errors.As(err, &refused):
		r.ends[refused.Code()]++
		if !transient[refused.Code()] {
			r.wrong = err
		}
	case errors.As(err, new(unexpected)):
		r.wrong = err
	default:
		r.ends["cut"]++
	}
	r.nudge()
	return r.wrong != nil
}

// unexpected is an event that there must not be.
type unexpected string

func (u unexpected) Error() string { return "unexpected: " + string(u) }

// connect reads over one connection until it ends.
func (r *reader) connect(ctx context.Context, url string) error {
	within, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	c, err := wsclient.Dial(within, url, r.token, wsclient.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	sub, err := c.Subscribe(ctx, watch, map[string]any{"filter": r.filter, "after": r.from()}, "")
	if err != nil {
		return err
	}
	for {
		m, err := sub.Next(ctx)
		if err != nil {
			return err
		}
		if err := r.take(m); err != nil {
			return err
		}
	}
}

// from is the cursor to come back with, nil for none.
func (r *reader) from() any {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.opened++
	switch {
	case r.cursor == "":
		return nil
	case r.stock:
		return r.started
	}
	return r.cursor
}

// take keeps an event and where it stands.
func (r *reader) take(m wsclient.Message) error {
	var got struct {
		RequestFeed *struct {
			Type             string `json:"__typename"`
			Kind, Cursor     string
			Reason           string
			ServiceRequestID string
			ServiceRequest   row
		}
	}
	if err := json.Unmarshal(m.Data, &got); err != nil || got.RequestFeed == nil || len(m.Errors) > 0 {
		return unexpected(fmt.Sprintf("%s %v %v", m.Data, m.Errors, err))
	}
	ev := got.RequestFeed
	if ev.Type == "FeedGap" {
		return unexpected("a gap " + ev.Reason)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cursor = ev.Cursor; r.started == "" {
		r.started = ev.Cursor
	}
	if ev.Type != "FeedCheckpoint" {
		one := ev.ServiceRequest
		if ev.Type == "RequestLeft" {
			one.ID = ev.ServiceRequestID
		}
		if r.stock && one.Revision <= r.held[one.ID] {
			r.again++
			return nil
		}
		r.held[one.ID] = one.Revision
		r.events = append(r.events, event{ev.Type, ev.Kind, one.ID, one.Revision, one.Urgency, one.Note})
	}
	r.nudge()
	return nil
}

func (r *reader) nudge() {
	select {
	case r.told <- struct{}{}:
	default:
	}
}

// until waits until what it holds is enough.
func (r *reader) until(ctx context.Context, enough func(*reader) bool) error {
	for {
		r.mu.Lock()
		done, wrong := enough(r), r.wrong
		r.mu.Unlock()
		if done || wrong != nil {
			return wrong
		}
		select {
		case <-r.told:
		case <-ctx.Done():
			r.mu.Lock()
			defer r.mu.Unlock()
			return fmt.Errorf("%s has %d events of %d connections, ends %v: %w", r.name, len(r.events), r.opened, r.ends, ctx.Err())
		}
	}
}

// at is the reader once it has begun.
func begun(r *reader) bool { return r.cursor != "" }

// heard tells whether a revision of a request has come.
func heard(last row) func(*reader) bool {
	looked := 0
	return func(r *reader) bool {
		for ; looked < len(r.events); looked++ {
			if ev := r.events[looked]; ev.ID == last.ID && ev.Revision == last.Revision {
				return true
			}
		}
		return false
	}
}
