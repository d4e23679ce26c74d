package resolvers

import (
	"context"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/codes"
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
	return subscribe(ctx, r, m, true, func(ctx context.Context, a access.Actor, ev feed.Event) (graph.ChangeEvent, error) {
		out, err := r.dress(ctx, a, []feed.Event{ev})
		return first(out), err
	})
}

// subscribe makes a member's events a subscription: gaps and checkpoints are the same in
// all of them, dress gives the others the form of the API. What it answers nil for is
// passed over: it was hidden since, and that it left is still to come. A personal one asks
// what its reader may see when the event is read; else the event says who it looks alike to,
// and is made once for all of them: see feed.Event.Reader.
func subscribe[E any](ctx context.Context, r *Resolver, m feed.Member, personal bool, dress func(context.Context, access.Actor, feed.Event) (E, error)) (<-chan E, error) {
	m.Personal = personal
	sub, err := r.Hub.Subscribe(ctx, m)
	if err != nil {
		return nil, err
	}
	return stream.Share(ctx, sub, personal, func(ctx context.Context, it stream.Item, own bool) (out E, ok bool, err error) {
		ev := *it.Event.(*feed.Event)
		switch ev.Kind {
		case feed.Gap:
			return any(gap(ev)).(E), true, nil
		case feed.Checkpoint:
			return any(graph.FeedCheckpoint{Cursor: ev.Cursor, At: ev.At}).(E), true, nil
		case feed.Left, feed.Changed, feed.Entered:
		}
		reader := ev.Reader
		reader.Locale = codes.Locale(ctx)
		switch {
		case personal:
			reader = sub.Actor()
		case own:
			if reader, err = account.ActorFrom(account.WithMemo(ctx)); err != nil {
				return out, false, err
			}
		}
		out, err = dress(ctx, reader, ev)
		return out, any(out) != nil, err
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
