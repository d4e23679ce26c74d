package request

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// ofSubject runs fn on every request of a recipient, inside the unit.
func (s *Service) ofSubject(ctx context.Context, recipientID string, fn func(ctx context.Context, r *Request) error) error {
	q := store.Query{Where: store.Is("subject", recipientID), Sort: "created", Guard: store.GuardName("request", recipientID)}
	return s.rows.Each(ctx, q, func(found *Request) error {
		r, err := s.rows.Get(ctx, found.ID)
		if err != nil {
			return err
		}
		return fn(ctx, r)
	})
}

// reclassified lifts the class of a recipient's requests with the recipient's own,
// in the same unit, and that of what belongs to them.
func (s *Service) reclassified(ctx context.Context, recipientID string, class access.Class, a access.Actor) error {
	return s.ofSubject(ctx, recipientID, func(ctx context.Context, r *Request) error {
		lifted := access.Stricter(r.Header.Class, class)
		if lifted == r.Header.Class {
			return nil
		}
		r.Header.Class = lifted
		if err := s.stayHome(ctx, r); err != nil {
			return err
		}
		if err := s.rehead(ctx, a, r); err != nil {
			return err
		}
		return s.rows.Touch(ctx, r, s.note(a, r, "request.reclassified"))
	})
}

// follow lets the lead of a request see its recipient, and ends the sight of one who
// leads nothing of that recipient any more.
func (s *Service) follow(ctx context.Context, a access.Actor, r *Request, worker string, leads bool) error {
	if r.Header.Subject == "" || worker == "" {
		return nil
	}
	if !leads {
		still := false
		err := s.ofSubject(ctx, r.Header.Subject, func(_ context.Context, o *Request) error {
			still = still || (o.ID != r.ID && o.Lead == worker && o.State().Open())
			return nil
		})
		if err != nil || still {
			return err
		}
	}
	return s.nouns.Recipients.Lead(ctx, a, r.Header.Subject, worker, leads)
}

// Group is the group of recipients that a request is for, "" for a community's own
// need: what a resource's eligibility is held against.
func (s *Service) Group(ctx context.Context, r *Request) (string, error) {
	if r.Header.Subject == "" {
		return "", nil
	}
	rcp, err := s.nouns.Recipients.Load(ctx, r.Header.Subject)
	if err != nil {
		return "", err
	}
	return rcp.Private.Category, nil
}

// erased empties what a recipient's requests, and what belongs to them, say about the
// person; their one-time links go, and drafts go whole: nobody shall write on in them.
// Who is being served can't be erased: REQUESTS_OPEN.
func (s *Service) erased(ctx context.Context, recipientID string, a access.Actor) error {
	return s.ofSubject(ctx, recipientID, func(ctx context.Context, r *Request) error {
		if st := r.State(); st.Open() && st != Draft {
			return fault.New(fault.CodeRequestsOpen, fault.At("input", "recipientId"))
		}
		for _, c := range s.children {
			if err := c.Erase(ctx, a, r); err != nil {
				return err
			}
		}
		if err := s.unlink(ctx, r); err != nil {
			return err
		}
		if r.State() == Draft {
			return s.rows.Delete(ctx, r.ID, store.Note{})
		}
		r.Private, r.Link = Private{}, ""
		if r.Appeal.pending() { // nobody is left whom it could help
			r.Appeal = nil
			r.wait(0, time.Time{})
		}
		return s.rows.Touch(ctx, r, s.note(a, r, "request.erased"))
	})
}

// closing refuses to close a station that still has open requests.
func (s *Service) closing(ctx context.Context, _ access.Actor, st *station.Station) error {
	where := store.Both(store.Is("station", st.ID), store.Is("open", true))
	page, err := s.rows.Find(ctx, store.Query{Where: where, Sort: "created", Limit: 1, Guard: store.GuardName("request", st.ID)})
	if err != nil {
		return err
	}
	if len(page.Items) > 0 {
		return fault.New(fault.CodeRequestsOpen, fault.At("input", "stationId"))
	}
	return nil
}

// OpenIn counts the open requests of a community (12-digit code), inside a unit guarded
// against new ones.
func (s *Service) OpenIn(ctx context.Context, code string) (int, error) {
	return s.countOpen(ctx, store.Is("community", code), code)
}

// OpenAt counts the open requests of a station, as OpenIn does.
func (s *Service) OpenAt(ctx context.Context, stationID string) (int, error) {
	return s.countOpen(ctx, store.Is("station", stationID), stationID)
}

// OpenLed counts the open requests that a social worker leads, as OpenIn does.
func (s *Service) OpenLed(ctx context.Context, workerID string) (int, error) {
	return s.countOpen(ctx, store.Holds("parties", access.PartyLead.Of(workerID)), workerID)
}

func (s *Service) countOpen(ctx context.Context, where store.Filter, guarded string) (int, error) {
	return usecase.Count(ctx, s.rows, store.Query{
		Where: store.Both(where, store.Is("open", true)), Sort: "created", Guard: store.GuardName("request", guarded),
	})
}

// note keeps drafts out of the log.
func (s *Service) note(a access.Actor, r *Request, kind string) store.Note {
	if r.State() == Draft {
		return store.Note{}
	}
	return usecase.Note(a, kind, r.ID, "")
}
