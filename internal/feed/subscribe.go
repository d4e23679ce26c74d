package feed

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
)

// Member is who wants what.
type Member struct {
	// Actor is whom the events are for; its ID is needed. Its grants are read anew
	// by Rights.
	Actor access.Actor
	// Rights reads the actor with the grants of this moment, from the store and not
	// from memory: it is called after the hub has begun to watch for revocations, so
	// that none falls between. Its error ends Subscribe.
	Rights func(context.Context) (access.Actor, error)
	Nouns  []Interest // which rows; each noun once
	ID     string     // only this row, if not empty
	After  string     // the last cursor the reader holds; empty starts now
	// Mirror asks for a Gap of RightsChanged wherever the reader's rights change: it keeps a
	// copy of all it sees, and has to read it anew then.
	Mirror bool
	// Personal says that events are shown to this reader alone, as it may see them when they
	// are read: Event.Reader is not asked for.
	Personal bool
}

// Subscribe adds a member. Errors: UNAUTHENTICATED for nobody; CURSOR_INVALID for
// a cursor that is altered, of another store or of the future; a Where on a field
// that the log does not carry is an error of the program. It waits for Run to have
// started. The subscription ends with ctx, or by Close.
func (h *Hub) Subscribe(ctx context.Context, m Member) (*Subscription, error) {
	if !m.Actor.SignedIn() {
		return nil, fault.New(fault.CodeUnauthenticated)
	}
	f, err := h.following(m)
	if err != nil {
		return nil, err
	}
	select {
	case <-h.ready:
	case <-h.ended:
		return nil, ErrStopped
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s := &Subscription{hub: h, account: m.Actor.ID, wake: make(chan struct{}, 1), quietSince: h.cfg.Clock.Now()}
	s.be(m.Actor, m.Personal)
	from, err := s.place(ctx, m.After)
	if err != nil {
		return nil, err
	}
	if err := s.join(ctx, m, f, from); err != nil {
		s.Close()
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s.detach = context.AfterFunc(ctx, s.Close)
	return s, nil
}

// beginning is what a member comes with.
type beginning struct {
	held string // print of the rights that its cursor came from, if the cursor knows them
	gap  *Event // the cursor is too old
}

// place finds the position to start behind.
func (s *Subscription) place(ctx context.Context, cursor string) (from beginning, err error) {
	end, at, err := s.hub.db.LogEnd(ctx)
	if err != nil {
		return from, err
	}
	s.pos, s.target = end, end
	if cursor == "" {
		return from, nil
	}
	after, err := s.hub.open(ctx, cursor, end)
	if err != nil {
		return from, err
	}
	from.held = after.print
	if after.seq >= end-s.hub.cfg.Window {
		s.pos = after.seq
		return from, nil
	}
	since, err := s.hub.keptSince(ctx, end)
	if err != nil {
		return from, err
	}
	from.gap = &Event{Kind: Gap, Seq: end, mark: markOf(at), At: s.hub.cfg.Clock.Now(), KeptSince: since}
	return from, nil
}

// join enters the members and then reads the rights, again when they changed
// meanwhile: what the hub applied before is in the store that Rights reads, what
// it applies later reaches the member.
func (s *Subscription) join(ctx context.Context, m Member, f *following, from beginning) error {
	h := s.hub
	h.mu.Lock()
	select {
	case <-h.ended:
		h.mu.Unlock()
		return ErrStopped
	default:
	}
	h.enter(s)
	h.mu.Unlock()
	for {
		h.mu.Lock()
		round := s.rights
		h.mu.Unlock()
		a, err := m.Rights(ctx)
		if err != nil {
			return err
		}
		h.mu.Lock()
		if s.err != nil {
			defer h.mu.Unlock()
			return s.err
		}
		if s.rights == round {
			s.be(a.Live(h.now()), m.Personal)
			s.see(f)
			s.joined = true
			if from.gap != nil {
				s.push(h.item(s.view.told(*from.gap)))
			}
			if m.After != "" && from.held != s.view.print {
				s.tellRights()
			}
			h.mu.Unlock()
			return nil
		}
		h.mu.Unlock()
	}
}

func (h *Hub) now() time.Time { return h.cfg.Clock.Now() }
