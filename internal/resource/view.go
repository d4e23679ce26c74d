package resource

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/usecase"
)

// View is a resource as one reader sees it. Stock and batch are for accounts, not
// for the public; Hidden names what was withheld.
type View struct {
	ID             string
	Version        int64
	Title          string
	Description    *string
	Kind           Kind
	Category       codes.Code
	State          State
	Owner          *organisation.View
	Unit           measure.Unit
	Per            *Period
	Stock          *Stock
	Minimum        *measure.Quantity
	Window         *measure.Window
	ExpiresOn      *usecase.Date
	Batch          *string
	Batches        []BatchView
	Area           *division.View
	Location       *place.Point
	Eligibility    []codes.Code
	Capacity       Capacity
	ConfirmedAt    time.Time
	Stale          bool
	AllowedActions []Action
	Hidden         []string
	Retirement     *usecase.Retirement
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Stock is how much there is, in the resource's unit:
// Free = Total − Held − Committed − Delivered − Lost − Unusable. Of what has expired or was
// withdrawn or called back, nothing is free: what is left of it is unusable.
type Stock struct {
	Total, Held, Committed, Delivered, Lost, Unusable, Free int64
}

// BatchView is a batch, in the resource's unit: Left = Received − Committed − Delivered −
// Lost. What is only held is of no batch yet.
type BatchView struct {
	ID                                         string
	Lot                                        *string
	ReceivedOn                                 usecase.Date
	ExpiresOn                                  *usecase.Date
	Received, Committed, Delivered, Lost, Left int64
	RecalledAt                                 *time.Time
	RecallReason                               *codes.Code
}

// Get reads one resource. NOT_FOUND if there is none that the actor may see.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	if err := usecase.ID(id, prefix); err != nil {
		return nil, err
	}
	views, err := s.Views(ctx, a, []string{id})
	if err == nil && views[id] == nil {
		err = fault.New(fault.CodeNotFound)
	}
	return views[id], err
}

// Views reads resources by id; what is absent or hidden is not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	found, err := s.rows.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	rows, sight := make([]*Resource, 0, len(found)), s.Sight(a)
	for _, r := range found {
		if sight.Of(&r.Header) != access.Hidden {
			rows = append(rows, r)
		}
	}
	views, err := s.views(ctx, a, rows)
	out := make(map[string]*View, len(views))
	for _, v := range views {
		out[v.ID] = v
	}
	return out, err
}

// Past shows a resource as it was at a moment, without steps to take; what it points to is as it
// is now. NOT_FOUND when the actor did not see it then.
func (s *Service) Past(ctx context.Context, a access.Actor, r *Resource, at time.Time) (*View, error) {
	if s.Sight(a).Of(&r.Header) == access.Hidden {
		return nil, fault.New(fault.CodeNotFound)
	}
	was, err := usecase.Only(s.viewsAt(ctx, a, []*Resource{r}, at))
	if err != nil {
		return nil, err
	}
	was.AllowedActions = nil
	return was, nil
}

// views keeps the order of the rows, which the actor sees.
func (s *Service) views(ctx context.Context, a access.Actor, rows []*Resource) ([]*View, error) {
	return s.viewsAt(ctx, a, rows, s.core.Time())
}

func (s *Service) viewsAt(ctx context.Context, a access.Actor, rows []*Resource, now time.Time) ([]*View, error) {
	var places, owners []string
	for _, r := range rows {
		places, owners = append(places, division.ID(r.Area)), append(owners, r.Owner)
	}
	divisions, err := s.divisions.Views(ctx, a, places)
	if err != nil {
		return nil, err
	}
	organisations, err := s.organisations.Views(ctx, a, owners)
	if err != nil {
		return nil, err
	}
	counted := a.MayAt("resource.stock", "") == nil
	out := make([]*View, len(rows))
	for i, r := range rows {
		v := r.view(now)
		v.Stale = s.Stale(r, now)
		v.Area, v.Owner, v.AllowedActions = divisions[division.ID(r.Area)], organisations[r.Owner], s.allowed(a, r, now)
		if counted {
			v.Stock, v.Batch, v.Batches = r.stock(now), usecase.Opt(r.Batch), r.batches()
		} else {
			v.Hidden = append(v.Hidden, "stock", "batch", "batches")
		}
		if v.Owner == nil {
			v.Hidden = append(v.Hidden, "owner")
		}
		out[i] = v
	}
	return out, nil
}

// view is what everybody sees who sees the row.
func (r *Resource) view(now time.Time) *View {
	v := &View{
		ID: r.ID, Version: r.Version, Title: r.Title, Description: usecase.Opt(r.Description), Kind: r.Kind,
		Category: codes.Code{List: codes.NeedCategory, ID: r.Category}, State: r.Now(now), Unit: r.Unit(), Per: usecase.Opt(r.Per), Window: r.Window,
		ExpiresOn: usecase.Opt(r.ExpiresOn), Location: r.Location, Eligibility: codes.Many(codes.RecipientCategory, r.Eligibility),
		Capacity: r.Capacity(), ConfirmedAt: r.confirmed(), Hidden: []string{}, Retirement: usecase.RetirementOf(&r.Head), CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	if r.Minimum > 0 {
		least := r.Total.Of(r.Minimum)
		v.Minimum = &least
	}
	return v
}

func (r *Resource) stock(now time.Time) *Stock {
	s := &Stock{Total: r.Total.Value, Held: r.Held(now), Committed: r.Committed(), Delivered: r.Used, Lost: r.Lost}
	if r.Per != "" { // that of the period which now lies in
		s.Held, s.Committed = r.takenIn(now, now)
		spent := r.spentIn(now)
		s.Delivered, s.Lost = spent.Used, spent.Lost
	}
	if !slices.Contains([]State{Expired, Withdrawn, Recalled}, r.Now(now)) {
		s.Free = r.Free(now)
	}
	s.Unusable = s.Total - s.Held - s.Committed - s.Delivered - s.Lost - s.Free
	return s
}

func (r *Resource) batches() []BatchView {
	out := make([]BatchView, len(r.Batches))
	for i := range r.Batches {
		b := &r.Batches[i]
		left := r.left(b)
		out[i] = BatchView{
			ID: b.ID, Lot: usecase.Opt(b.Lot), ReceivedOn: b.ReceivedOn, ExpiresOn: usecase.Opt(b.ExpiresOn),
			Received: b.Received, Committed: b.Received - b.Used - b.Lost - left, Delivered: b.Used, Lost: b.Lost, Left: left,
			RecalledAt: usecase.Moment(b.RecalledAt), RecallReason: codes.Of(codes.RecallReason, b.Reason),
		}
	}
	return out
}

// allowed lists the steps that actor and state allow now. Whoever owns resources or
// runs a station's board may propose one that is on offer; for which need, matching asks.
func (s *Service) allowed(a access.Actor, r *Resource, now time.Time) []Action {
	out, sight := []Action{}, s.Sight(a)
	for _, act := range r.open(now) {
		if sight.Can(rights[act], &r.Header) {
			out = append(out, act)
		}
	}
	proposes := a.Is(access.Partner, r.Owner) || a.Has(access.Coordinator) || a.Has(access.ProtectionOfficer) || a.IsSystem()
	if proposes && r.Available(now) == nil {
		out = append(out, ActPropose)
	}
	return out
}
