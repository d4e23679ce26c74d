package account

import (
	"context"
	"sync"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/stream"
)

type (
	callerKey  struct{}
	memoKey    struct{}
	actorKey   struct{}
	addressKey struct{}
	renewKey   struct{}
)

// caller is who speaks in a context: an identity whose token has been read, the
// actor of which is read from the store only when asked for.
type caller struct {
	service *Service
	id      Identity
	via     string
}

// memo keeps the actor for the length of one response.
type memo struct {
	once  sync.Once
	actor access.Actor
	err   error
}

// WithCaller puts an identity into ctx; via says by which way it came ("graphql",
// "socket").
func (s *Service) WithCaller(ctx context.Context, id Identity, via string) context.Context {
	return context.WithValue(ctx, callerKey{}, caller{s, id, via})
}

// WithActor puts an actor in hand into ctx, for work that nobody's token asked for:
// ActorFrom answers it.
func WithActor(ctx context.Context, a access.Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// WithMemo makes ActorFrom read the store once at most. It is for one response:
// the next has to see the rights of its own moment.
func WithMemo(ctx context.Context) context.Context {
	return context.WithValue(ctx, memoKey{}, &memo{})
}

// ActorFrom is whoever speaks in ctx, with grants from the store; nobody when no
// token came. Errors as of Service.Actor. The token's time is not asked again: it was
// when the call began, and a socket ends by itself.
//
// In an execution for many readers nobody speaks, and it fails: see stream.Apart.
func ActorFrom(ctx context.Context) (access.Actor, error) {
	if err := stream.Ask(ctx); err != nil {
		return access.Actor{}, err
	}
	if a, ok := ctx.Value(actorKey{}).(access.Actor); ok {
		return a, nil
	}
	c, ok := ctx.Value(callerKey{}).(caller)
	if !ok {
		a := access.Nobody()
		a.Locale = codes.Locale(ctx)
		return a, nil
	}
	m, ok := ctx.Value(memoKey{}).(*memo)
	if !ok {
		return c.actor(ctx)
	}
	m.once.Do(func() { m.actor, m.err = c.actor(ctx) })
	return m.actor, m.err
}

func (c caller) actor(ctx context.Context) (access.Actor, error) {
	a, err := c.service.Actor(ctx, c.id)
	a.Via, a.Locale = c.via, codes.Locale(ctx)
	return a, err
}

// IdentityFrom is the identity in ctx, if a token came.
func IdentityFrom(ctx context.Context) (Identity, bool) {
	if stream.Ask(ctx) != nil {
		return Identity{}, false
	}
	c, ok := ctx.Value(callerKey{}).(caller)
	return c.id, ok
}

// WithAddress puts the client's network address into ctx, for the pace of sign-ins.
func WithAddress(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

// AddressOf is the client's network address, "" when unknown.
func AddressOf(ctx context.Context) string {
	s, _ := ctx.Value(addressKey{}).(string)
	return s
}

// WithRenew puts into ctx how the open connection takes a fresh identity; over HTTP
// there is none.
func WithRenew(ctx context.Context, renew func(Identity) error) context.Context {
	return context.WithValue(ctx, renewKey{}, renew)
}

// Renew is a fresh token for an open socket.
type Renew struct {
	AccessToken string `json:"-"`
}

// Renew accepts a fresh access token of the account that speaks in ctx and tells
// until when it lives; an open socket lives on to then. FORBIDDEN for a token of
// another account; else errors as of ActorOf.
func (s *Service) Renew(ctx context.Context, in Renew) (time.Time, error) {
	a, id, err := s.ActorOf(ctx, in.AccessToken)
	if err != nil {
		return time.Time{}, err
	}
	now, ok := IdentityFrom(ctx)
	if !ok {
		return time.Time{}, fault.New(fault.CodeUnauthenticated)
	}
	if now.Account != a.ID {
		return time.Time{}, fault.New(fault.CodeForbidden)
	}
	if renew, ok := ctx.Value(renewKey{}).(func(Identity) error); ok {
		if err := renew(id); err != nil {
			return time.Time{}, err
		}
	}
	return id.Expires, nil
}
