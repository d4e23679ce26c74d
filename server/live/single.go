package live

import (
	"context"
	"crypto/rand"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
)

// The bounds of reservations. Reserving costs nothing, so nobody gets more than a small
// part of what the process keeps.
const (
	reservedFor      = 30 * time.Second
	reservationsEach = 100
	reservationsMax  = 10_000
)

// reservation is an event stream that several operations will share: who may open it and
// start operations on it, and the stream once it is open.
type reservation struct {
	owner  string
	caller Session
	base   context.Context // of the request that reserved it; its values only
	conn   *Conn
	expiry clock.Timer // nil while the stream is open
}

// Reserve keeps a place for an event stream of the caller for half a minute and returns
// its token, which is the only key to it: the single connection mode of graphql-sse. The
// owner is whose places it counts to: TOO_MANY when these are all taken, streams that are
// open included; UNAVAILABLE when the process keeps no more or is about to end.
func (t *Transport) Reserve(r *http.Request, owner string) (token string, err error) {
	held := &reservation{owner: owner, caller: t.caller(r.Context()), base: context.WithoutCancel(r.Context())}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.draining || len(t.reserved) >= reservationsMax:
		return "", fault.New(fault.CodeUnavailable)
	case t.places[owner] >= reservationsEach:
		return "", fault.New(fault.CodeTooMany, fault.P("max", reservationsEach))
	}
	if t.reserved == nil {
		t.reserved, t.places = map[string]*reservation{}, map[string]int{}
	}
	token = rand.Text()
	t.reserved[token] = held
	t.places[owner]++
	t.expires(token, held)
	return token, nil
}

// expires gives a reservation its time; t.mu is held.
func (t *Transport) expires(token string, held *reservation) {
	held.expiry = t.clock().AfterFunc(reservedFor, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.reserved[token] == held && held.conn == nil {
			delete(t.reserved, token)
			if t.places[held.owner]--; t.places[held.owner] == 0 {
				delete(t.places, held.owner)
			}
		}
	})
}

// Connect opens the stream of a reservation and serves it until it ends; then the place is
// kept for half a minute, as clients come back. The token alone says whose it is, as an
// EventSource can send no header. NOT_FOUND without such a reservation, DUPLICATE while
// its stream is open.
func (t *Transport) Connect(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, token string) error {
	t.mu.Lock()
	held := t.reserved[token]
	if held == nil || held.expiry == nil {
		t.mu.Unlock()
		if held == nil {
			return fault.New(fault.CodeNotFound)
		}
		return fault.New(fault.CodeDuplicate, fault.P("field", "token"))
	}
	held.expiry.Stop()
	held.expiry = nil
	t.mu.Unlock()
	c := t.open(w, r, held.caller, exec, func(c *Conn) {
		c.mu.Lock()
		c.base = lasting{c.base, held.base}
		c.mu.Unlock()
		t.mu.Lock()
		held.conn = c
		t.mu.Unlock()
	})
	if c != nil {
		c.pour(r.Context())
		t.remove(c)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	held.conn = nil
	if t.reserved[token] == held {
		t.expires(token, held)
	}
	return nil
}

// Start runs an operation on an open stream; its answer goes there. NOT_FOUND when the
// caller has no such stream, INVALID without an id of the operation, DUPLICATE when it is
// running.
func (t *Transport) Start(ctx context.Context, token, id string, req Request) error {
	c, err := t.streamOf(ctx, token)
	if err != nil {
		return err
	}
	if id == "" || len(id) > maxID {
		return fault.New(fault.CodeInvalid, fault.At("extensions", "operationId"), fault.P("rule", "OPERATION_ID"))
	}
	if c.subscribe(req.message(id)) != nil {
		return fault.New(fault.CodeDuplicate, fault.At("extensions", "operationId"), fault.P("field", "operationId"))
	}
	return nil
}

// Stop ends an operation; one that is not running is no error.
func (t *Transport) Stop(ctx context.Context, token, id string) error {
	c, err := t.streamOf(ctx, token)
	if err != nil {
		return err
	}
	c.complete(id)
	return nil
}

func (t *Transport) streamOf(ctx context.Context, token string) (*Conn, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	held := t.reserved[token]
	if held == nil || held.conn == nil || held.caller.Account != t.caller(ctx).Account {
		return nil, fault.New(fault.CodeNotFound)
	}
	return held.conn, nil
}
