package resolvers

import (
	"context"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/stream"
	"github.com/fivesociety/linkage/internal/usecase"
)

// member is the caller as a member of the feed. The rights are read anew whenever
// the feed asks, not from the memory of a response.
func (r *Resolver) member(ctx context.Context, after *string) (feed.Member, error) {
	a, err := account.ActorFrom(ctx)
	if err != nil {
		return feed.Member{}, err
	}
	if err := usecase.SignedIn(a); err != nil {
		return feed.Member{}, err
	}
	fresh := func(ctx context.Context) (access.Actor, error) { return account.ActorFrom(account.WithMemo(ctx)) }
	m := feed.Member{Actor: a, Rights: fresh, After: usecase.Or(after, "")}
	if resumed := stream.ResumeAfter(ctx); resumed != "" {
		m.After = resumed
	}
	return m, nil
}

// mirror is the caller as one who keeps a copy of some nouns.
func (r *Resolver) mirror(ctx context.Context, nouns []string, divisions []string, after *string) (feed.Member, error) {
	m, err := r.member(ctx, after)
	if err != nil {
		return m, err
	}
	m.Mirror = true
	m.Nouns, err = r.P.Interests(nouns, divisions)
	return m, err
}

// follow subscribes the caller to the changes of some nouns.
func (r *Resolver) follow(ctx context.Context, nouns []string, divisions []string, after *string) (<-chan graph.ChangeEvent, error) {
	m, err := r.mirror(ctx, nouns, divisions, after)
	if err != nil {
		return nil, err
	}
	sub, err := r.Hub.Subscribe(ctx, m)
	if err != nil {
		return nil, err
	}
	return stream.Of(ctx, func(ctx context.Context) (graph.ChangeEvent, string, error) {
		for {
			ev, err := sub.Next(ctx)
			if err != nil {
				return nil, "", err
			}
			out, err := r.dress(ctx, sub.Actor(), []feed.Event{ev})
			if err != nil || len(out) > 0 {
				return first(out), ev.Cursor, err
			}
		}
	}), nil
}

// pull reads a page of the changes of some nouns.
func (r *Resolver) pull(ctx context.Context, nouns []string, divisions []string, after *string, limit *int) (*graph.ChangePage, error) {
	m, err := r.mirror(ctx, nouns, divisions, after)
	if err != nil {
		return nil, err
	}
	n := usecase.Or(limit, usecase.DefaultPage)
	if n < 1 || n > usecase.MaxPage {
		return nil, fault.New(fault.CodePageInvalid, fault.At("first"), fault.P("max", usecase.MaxPage))
	}
	b, err := r.Hub.Pull(ctx, m, n)
	if err != nil {
		return nil, err
	}
	events, err := r.dress(ctx, b.Actor, b.Events)
	return &graph.ChangePage{Events: events, Cursor: b.Cursor, End: b.End, HasMore: b.More}, err
}

func first(list []graph.ChangeEvent) graph.ChangeEvent {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}
