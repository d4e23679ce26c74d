package conflict

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// Nouns are the services that conflicts read.
type Nouns struct {
	Recipients    *recipient.Service
	Requests      *request.Service
	Organisations *organisation.Service
	Volunteers    *volunteer.Service
	Workers       *socialworker.Service
	// Persons are the ids of whom an account acts or acted as, and whether it looks after the
	// work of others; NOT_FOUND for no account.
	Persons func(ctx context.Context, accountID string) (ids []string, above bool, err error)
}

// Service is the use cases of conflicts.
type Service struct {
	Nouns
	core *usecase.Core
	rows *store.Collection[Conflict]
}

// New registers the noun; call it before the store starts, and after what is dismissed when
// somebody is barred.
func New(core *usecase.Core, n Nouns) *Service {
	s := &Service{Nouns: n, core: core, rows: store.Register(core.DB, spec())}
	n.Requests.Attach(s)
	n.Requests.OnPart(s.parted)
	n.Recipients.OnHeader(s.followed)
	n.Recipients.OnErase(s.erased)
	return s
}

// Rows is the collection, for the history.
func (s *Service) Rows() *store.Collection[Conflict] { return s.rows }

// matter is what a conflict is about: a recipient in all that concerns them, or one
// request, which may be a community's own.
type matter struct {
	recipient *recipient.Recipient
	request   *request.Request
}

// subject is the recipient's id, "" of a community's own need.
func (m matter) subject() string {
	if m.request != nil {
		return m.request.Header.Subject
	}
	return m.recipient.ID
}

func (m matter) header() *access.Header {
	if m.request != nil {
		return &m.request.Header
	}
	return &m.recipient.Header
}

// matter loads what an input names, for who may say who must not meet whom: NOT_FOUND where
// it is hidden, FORBIDDEN for who may not, OFFICER_REQUIRED for a station's people with what
// is protected.
func (s *Service) matter(ctx context.Context, a access.Actor, action access.Action, recipientID, requestID *string, path ...string) (m matter, err error) {
	at := func(field string) []string { return append(slices.Clone(path), field) }
	var sight *access.Sight
	switch {
	case (recipientID == nil) == (requestID == nil):
		return m, fault.New(fault.CodeInvalid, fault.At(path...), fault.P("rule", "ONE_MATTER"))
	case recipientID != nil:
		if err = usecase.ID(*recipientID, "rcp", at("recipientId")...); err != nil {
			return m, err
		}
		sight = access.See(a, recipient.Noun)
		if m.recipient, err = s.Recipients.Load(ctx, *recipientID); err != nil {
			return m, fault.Under(err, at("recipientId")...)
		}
	default:
		if err = usecase.ID(*requestID, "req", at("serviceRequestId")...); err != nil {
			return m, err
		}
		sight = s.Requests.Sight(a)
		if m.request, err = s.Requests.Load(ctx, *requestID); err != nil {
			return m, fault.Under(err, at("serviceRequestId")...)
		}
	}
	standing := sight.On(m.header())
	if err := standing.May(action); err != nil {
		return m, err
	}
	if m.header().Guarded() && standing.OnlyAs(action, access.ToStation) {
		return m, fault.New(fault.CodeOfficerRequired)
	}
	return m, nil
}

// of are the conflicts of a recipient, with those of single requests of theirs; of a
// community's own need those of these requests. Inside a unit they are guarded against new
// ones.
func (s *Service) of(ctx context.Context, subject string, requests ...string) ([]*Conflict, error) {
	field, ids := "request", requests
	if subject != "" {
		field, ids = "subject", []string{subject}
	}
	var out []*Conflict
	for _, id := range ids {
		err := s.each(ctx, field, id, func(c *Conflict) error {
			out = append(out, c)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// said are the ids by which something said of one request holds for another: its own, that
// of the series it comes from, those of what was merged into it, and of these again.
func (s *Service) said(ctx context.Context, r *request.Request) ([]string, error) {
	out, next := []string{}, []*request.Request{r}
	for len(next) > 0 {
		r, next = next[0], next[1:]
		out = append(out, r.ID)
		for _, id := range append(slices.Clone(r.Merged), r.OccurrenceOf) {
			if id == "" || slices.Contains(out, id) || slices.ContainsFunc(next, func(n *request.Request) bool { return n.ID == id }) {
				continue
			}
			from, err := s.Requests.Load(ctx, id)
			if err != nil {
				return nil, err
			}
			next = append(next, from)
		}
	}
	return out, nil
}

// taken are the requests that hold what was said of one: those of its series, and what each
// of them was merged into.
func (s *Service) taken(ctx context.Context, id string) ([]*request.Request, error) {
	out, err := s.Requests.Whole(ctx, id)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(out); i++ {
		m := out[i].Merge
		if m == nil || slices.ContainsFunc(out, func(r *request.Request) bool { return r.ID == m.Into }) {
			continue
		}
		into, err := s.Requests.Load(ctx, m.Into)
		if err != nil {
			return nil, err
		}
		out = append(out, into)
	}
	return out, nil
}

// screen sets anew who is barred, after one conflict has changed, here in hand, from what
// it is about.
func (s *Service) screen(ctx context.Context, a access.Actor, changed *Conflict) error {
	if changed.Request != "" {
		whole, err := s.taken(ctx, changed.Request)
		for _, r := range whole {
			ids, err := s.barred(ctx, changed, r)
			if err != nil {
				return err
			}
			if err := s.Requests.Screen(ctx, a, r, ids); err != nil {
				return err
			}
		}
		return err
	}
	all, err := s.of(ctx, changed.Recipient)
	if err != nil {
		return err
	}
	all = with(all, changed)
	err = s.Requests.EachOf(ctx, changed.Recipient, func(ctx context.Context, r *request.Request) error {
		from, err := s.said(ctx, r)
		if err != nil {
			return err
		}
		return s.Requests.Screen(ctx, a, r, barred(all, from...))
	})
	if err != nil {
		return err
	}
	return s.Recipients.Screen(ctx, a, changed.Recipient, barred(all))
}

// parted lets those in again whom only a request that has been taken out kept from it.
func (s *Service) parted(ctx context.Context, a access.Actor, into *request.Request) error {
	whole, err := s.taken(ctx, into.ID)
	if err != nil {
		return err
	}
	for _, r := range whole {
		from, err := s.said(ctx, r)
		if err != nil {
			return err
		}
		all, err := s.of(ctx, r.Header.Subject, from...)
		if err != nil {
			return err
		}
		if err := s.Requests.Screen(ctx, a, r, barred(all, from...)); err != nil {
			return err
		}
	}
	return nil
}

// barred are those barred from what a conflict is about, as it is now: it is hidden from
// them too. r is its request, nil for all of a recipient's.
func (s *Service) barred(ctx context.Context, c *Conflict, r *request.Request) ([]string, error) {
	if r == nil {
		all, err := s.of(ctx, c.Recipient)
		return barred(with(all, c)), err
	}
	from, err := s.said(ctx, r)
	if err != nil {
		return nil, err
	}
	all, err := s.of(ctx, r.Header.Subject, from...)
	return barred(with(all, c), from...), err
}

// barredBy is barred for a conflict of which the request is not in hand.
func (s *Service) barredBy(ctx context.Context, c *Conflict) ([]string, error) {
	if c.Request == "" {
		return s.barred(ctx, c, nil)
	}
	r, err := s.Requests.Load(ctx, c.Request)
	if err != nil {
		return nil, err
	}
	return s.barred(ctx, c, r)
}

// with is a list in which one that has changed stands as it is now.
func with(all []*Conflict, changed *Conflict) []*Conflict {
	out := slices.DeleteFunc(slices.Clone(all), func(c *Conflict) bool { return c.ID == changed.ID })
	return append(out, changed)
}
