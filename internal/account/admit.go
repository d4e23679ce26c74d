package account

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account/oidc"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// admit opens a session for a subject that its issuer vouches for: of the account it
// is linked to, or of the one that an invitation links it to in the same unit. once
// uses the proof up, in that unit too. Nothing else links: not an e-mail address,
// not a name.
func (s *Service) admit(ctx context.Context, who vouched, invitation *string, once func(context.Context) error) (*SessionView, *Viewer, error) {
	p, err := s.provider(who.Provider)
	if err != nil {
		return nil, nil, err
	}
	page, err := s.linked.Find(ctx, store.Query{Where: store.Is("key", s.key(who.Subject)), Limit: 1})
	if err != nil {
		return nil, nil, err
	}
	e := entry{method: ByIssuer, also: once}
	switch {
	case len(page.Items) == 1:
		row := page.Items[0]
		e.account, e.also = row.Account, func(ctx context.Context) error {
			if _, err := s.linked.Get(ctx, row.ID); err != nil { // unlinked meanwhile
				return fault.New(fault.CodeSignInFailed, fault.At("input"))
			}
			return once(ctx)
		}
	case p.Linking != oidc.LinkByInvite || invitation == nil:
		if err := s.failed(ctx, "", ByIssuer); fault.CodeOf(err) != fault.CodeSignInFailed {
			return nil, nil, err
		}
		return nil, nil, fault.New(fault.CodeIdentityUnlinked, fault.At("input"), fault.P("policy", string(p.Linking)))
	default:
		t, err := s.invited(ctx, *invitation)
		if err != nil {
			return nil, nil, err
		}
		row := s.newLink(t.Account, p, who.Subject)
		e.account, e.also = t.Account, func(ctx context.Context) error {
			if err := s.burn(ctx, t, s.core.Time()); err != nil {
				return err
			}
			if err := s.link(ctx, access.Actor{ID: t.Account, Via: "invitation"}, row); err != nil {
				return err
			}
			return once(ctx)
		}
	}
	return s.enter(ctx, e)
}

// invited reads a live invitation; a wrong one is booked as a try that failed.
func (s *Service) invited(ctx context.Context, code string) (*ticket, error) {
	t, err := s.shown(ctx, s.ticketID(invite, plainCode(code)), s.core.Time())
	if err != nil || t != nil {
		return t, err
	}
	if err := s.failed(ctx, "", ByIssuer); fault.CodeOf(err) != fault.CodeSignInFailed {
		return nil, err
	}
	return nil, fault.New(fault.CodeOneTimeCode, fault.At("input", "invitation"))
}

// enter opens the session of a checked entry and books what became of it.
func (s *Service) enter(ctx context.Context, e entry) (*SessionView, *Viewer, error) {
	view, a, err := s.openSession(ctx, e)
	if fault.CodeOf(err) == fault.CodeSignInFailed {
		return nil, nil, s.failed(ctx, e.account, e.method)
	}
	if err != nil {
		return nil, nil, linkedAlready(err, "invitation")
	}
	viewer, err := s.Viewer(ctx, a)
	return view, viewer, err
}
