package request

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// rearranged is the reason that tells those who are dismissed no more than that the station
// arranged it otherwise: people give it too, so that it tells nobody that they are barred.
const rearranged = "REARRANGED"

// Screen sets who is barred from a request (ids of accounts, volunteers, social workers,
// organisations, in order and once), inside the caller's unit. From its commit they see
// nothing of it but what is their own; whatever of theirs is not under way ends, and one who
// led leads no more.
func (s *Service) Screen(ctx context.Context, a access.Actor, r *Request, ids []string) error {
	if slices.Equal(ids, r.Header.Barred) {
		return nil
	}
	lead := r.Lead
	kind, ended, err := s.screen(ctx, a, r, ids)
	if err != nil {
		return err
	}
	if r.State() == Draft { // not yet a request: nothing is told of it
		return s.rows.Hush(ctx, r, store.Note{})
	}
	switch {
	case r.Lead != lead:
		return s.Keep(ctx, a, r, kind, "request.led", "")
	case kind == "" && ended == "": // nobody is shown that anything changed
		return s.rows.Hush(ctx, r, usecase.Note(a, "request.related", r.ID, ""))
	}
	return s.Keep(ctx, a, r, kind, ended, "") // as if it had ended by hand
}

// endings are the kinds under which a request is saved when something of it ends, from what
// changes little of it to what changes much.
var endings = []string{"", "request.answered", "request.claimed", "request.covered"}

// screen changes the request in hand and what belongs to it; the caller saves it with the
// kind of the step that followed, "" for none, or else of what has ended, "" for nothing.
func (s *Service) screen(ctx context.Context, a access.Actor, r *Request, ids []string) (kind, ended string, err error) {
	fresh := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(r.Header.Barred, id) })
	r.Header.Barred = ids
	if err := s.shut(ctx, r, fresh); err != nil {
		return "", "", err
	}
	if len(fresh) > 0 && r.State().Open() {
		for _, c := range s.children {
			how, err := c.Dismiss(ctx, a, r, fresh, rearranged)
			if err != nil {
				return "", "", err
			}
			if slices.Index(endings, how) > slices.Index(endings, ended) {
				ended = how
			}
		}
		if slices.Contains(fresh, r.Lead) {
			if err := s.follow(ctx, a, r, r.Lead, false); err != nil {
				return "", "", err
			}
			r.Header.Unrelate(access.PartyLead, r.Lead)
			r.Lead, r.LeadSince = "", time.Time{}
		}
		if kind, err = r.Promise("", Promise{}, s.core.Time()); err != nil {
			return "", "", err
		}
	}
	return kind, ended, s.rehead(ctx, a, r)
}

// shut ends a guardian's one-time link that waits once a person is barred, inside the unit:
// nobody knows by it who holds it. The station makes another for whoever may have one.
func (s *Service) shut(ctx context.Context, r *Request, fresh []string) error {
	person := func(id string) bool { return store.IDPrefix(id) != "org" }
	if r.Link == "" || !slices.ContainsFunc(fresh, person) {
		return nil
	}
	l, err := s.links.Get(ctx, r.Link)
	switch {
	case fault.CodeOf(err) == fault.CodeNotFound:
		return nil
	case err != nil:
		return err
	case l.For != string(recipient.ByGuardian) || !l.UsedAt.IsZero():
		return nil
	}
	r.Link = ""
	return s.links.Delete(ctx, l.ID, store.Note{})
}

// barredTogether are those barred from either of two requests.
func barredTogether(a, b *Request) []string {
	all := slices.Concat(a.Header.Barred, b.Header.Barred)
	slices.Sort(all)
	return slices.Compact(all)
}

// EachOf runs fn on every request of a recipient, inside a unit guarded against new ones.
func (s *Service) EachOf(ctx context.Context, recipientID string, fn func(ctx context.Context, r *Request) error) error {
	return s.ofSubject(ctx, recipientID, fn)
}

// Whole are a request and, of the first of a series, its later occurrences, inside a unit:
// one that appears meanwhile takes up the first one's list of the barred.
func (s *Service) Whole(ctx context.Context, id string) ([]*Request, error) {
	first, err := s.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	out := []*Request{first}
	err = s.rows.Each(ctx, store.Query{Where: store.Is("series", id), Sort: "created"}, func(found *Request) error {
		r, err := s.rows.Get(ctx, found.ID)
		if err == nil {
			out = append(out, r)
		}
		return err
	})
	return out, err
}
