package assignment

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// View is an assignment as one reader may see it.
type View struct {
	ID                                 string
	Version                            int64
	Fence                              int
	State                              State
	ServiceRequest                     *request.View
	NeedLine                           *request.LineView
	Volunteer                          *volunteer.View
	Task                               *string
	Window                             measure.Window
	PlannedMinutes                     int
	MeetingPoint, SafeContact, Address *string
	ExpiresAt                          *time.Time
	CheckedInAt, CheckedOutAt          *time.Time
	Minutes                            *int
	Capped                             bool
	Report                             *string
	VerifiedBy                         *socialworker.View
	VerifiedAt                         *time.Time
	Reason                             *codes.Code
	AllowedActions                     []Step
	Hidden                             []string
	CreatedAt, UpdatedAt               time.Time
}

// Get reads one assignment for an actor; NOT_FOUND when it is hidden.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	return usecase.One(ctx, a, id, s.Views)
}

// Views reads assignments for an actor; hidden and missing ones are not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	masked := func(rows []*Assignment) ([]*View, error) { return s.views(ctx, a, rows) }
	return usecase.ByID(ctx, s.rows, ids, masked, func(v *View) string { return v.ID })
}

// Past shows an assignment as it was at a moment, without steps to take; what it points
// to is as it is now. NOT_FOUND when the actor did not see it then. What the helper knew
// of the recipient ended with the part and is not to be had from the past.
func (s *Service) Past(ctx context.Context, a access.Actor, g *Assignment, at time.Time) (*View, error) {
	now, err := s.rows.Get(ctx, g.ID)
	if err != nil {
		return nil, err
	}
	if now.Private.SafeContact == "" {
		g.Private.SafeContact = ""
	}
	if now.Private.Address == "" {
		g.Private.Address = ""
	}
	if words(a, access.See(a, Noun), now, s.core.Time()) < access.Limited {
		g.Private.Task, g.Private.MeetingPoint = "", ""
	}
	was, err := usecase.Only(s.viewsAt(ctx, a, []*Assignment{g}, at))
	if err != nil {
		return nil, err
	}
	was.AllowedActions = nil
	return was, nil
}

func (s *Service) views(ctx context.Context, a access.Actor, rows []*Assignment) ([]*View, error) {
	return s.viewsAt(ctx, a, rows, s.core.Time())
}

func (s *Service) viewsAt(ctx context.Context, a access.Actor, rows []*Assignment, now time.Time) ([]*View, error) {
	sight := access.See(a, Noun)
	var kept []*Assignment
	var requests, volunteers, workers []string
	for _, g := range rows {
		if sight.Of(&g.Header) == access.Hidden {
			continue
		}
		kept = append(kept, g)
		requests, volunteers = append(requests, g.Request), append(volunteers, g.Volunteer)
		if g.VerifiedBy != "" {
			workers = append(workers, g.VerifiedBy)
		}
	}
	req, err := s.requests.Views(ctx, a, requests)
	if err != nil {
		return nil, err
	}
	vol, err := s.volunteers.Views(ctx, a, volunteers)
	if err != nil {
		return nil, err
	}
	wrk, err := s.workers.Views(ctx, a, workers)
	if err != nil {
		return nil, err
	}
	out := make([]*View, len(kept))
	for i, g := range kept {
		out[i] = s.view(a, g, sight.Of(&g.Header), words(a, sight, g, now), now)
		out[i].refer(g, req[g.Request], vol[g.Volunteer], wrk[g.VerifiedBy])
	}
	return out, nil
}

// words is the mask of what a part says of the need. Its volunteer reads of one that came to
// nothing no more than who was asked for it is told; and must they not meet the recipient,
// only while they serve.
func words(a access.Actor, sight *access.Sight, g *Assignment, now time.Time) access.Mask {
	mask := sight.Of(&g.Header)
	if !a.Is(access.Volunteer, g.Volunteer) {
		return mask
	}
	beside := sight.Beside(g.Header.Values())
	switch g.Now(now) {
	case Declined, NoShow, Released, Reassigned, Expired:
		return min(mask, beside)
	case CheckedOut, Completed, Verified:
		if beside == access.Hidden {
			return beside
		}
	case Offered, Accepted, EnRoute, CheckedIn:
	}
	return mask
}

func (s *Service) view(a access.Actor, g *Assignment, mask, said access.Mask, now time.Time) *View {
	v := &View{
		ID: g.ID, Version: g.Version, Fence: g.Fence, State: g.Now(now), Window: g.Window, PlannedMinutes: g.Planned,
		CheckedInAt: usecase.Moment(g.CheckedInAt), CheckedOutAt: usecase.Moment(g.CheckedOutAt), Capped: g.Capped, VerifiedAt: usecase.Moment(g.VerifiedAt),
		Reason: codes.Of(codes.List(g.ReasonList), g.Reason), AllowedActions: []Step{}, Hidden: []string{},
		CreatedAt: g.CreatedAt, UpdatedAt: g.UpdatedAt,
	}
	if g.State() == Offered {
		v.ExpiresAt = &g.ExpiresAt
	}
	if !g.CheckedOutAt.IsZero() {
		v.Minutes = &g.Minutes
	}
	text := func(to **string, mask, least access.Mask, field, s string) {
		switch {
		case mask < least:
			v.Hidden = append(v.Hidden, field)
		case s != "":
			*to = &s
		}
	}
	text(&v.Task, said, access.Limited, "task", g.Private.Task)
	text(&v.MeetingPoint, said, access.Limited, "meetingPoint", g.Private.MeetingPoint)
	text(&v.SafeContact, mask, access.Contact, "safeContact", g.Private.SafeContact)
	text(&v.Address, mask, access.Contact, "address", g.Private.Address)
	text(&v.Report, mask, access.Full, "report", g.Private.Report)
	for _, t := range life {
		if slices.Contains(t.from, g.Now(now)) && s.may(a, g, t.step) == nil {
			v.AllowedActions = append(v.AllowedActions, t.step)
		}
	}
	return v
}

// refer adds the references; the volunteer is hidden with their own row.
func (v *View) refer(g *Assignment, r *request.View, vol *volunteer.View, wrk *socialworker.View) {
	v.ServiceRequest, v.NeedLine, v.Volunteer, v.VerifiedBy = r, r.Line(g.Line), vol, wrk
	if r == nil {
		v.Hidden = append(v.Hidden, "serviceRequest", "needLine")
	}
	if vol == nil {
		v.Hidden = append(v.Hidden, "volunteer")
	}
	if wrk == nil && g.VerifiedBy != "" {
		v.Hidden = append(v.Hidden, "verifiedBy")
	}
}

// Filter narrows the list; nil restricts nothing.
type Filter struct {
	State            *State
	ServiceRequestID *string
	VolunteerID      *string
}

// List reads a page of assignments, newest first.
func (s *Service) List(ctx context.Context, a access.Actor, f *Filter, p usecase.Paging) (usecase.Page[*View], error) {
	var none usecase.Page[*View]
	if err := usecase.SignedIn(a); err != nil {
		return none, err
	}
	where, err := f.where()
	if err != nil {
		return none, err
	}
	q := access.See(a, Noun).Query(s.rows.Definition(), store.Query{Where: where, Sort: "created", Desc: true})
	page, err := usecase.List(ctx, s.core, a, s.rows, usecase.Asked("assignment", f), q, p)
	if err != nil {
		return none, err
	}
	views, err := s.views(ctx, a, page.Rows)
	return usecase.Convert(page, views), err
}

// Of reads what belongs to a request, newest first, at most 100, as the actor may see it.
func (s *Service) Of(ctx context.Context, a access.Actor, requestID string) ([]*View, error) {
	return usecase.OfRequest(ctx, s.rows, requestID, func(rows []*Assignment) ([]*View, error) { return s.views(ctx, a, rows) })
}

// where is the filter on declared fields.
func (f *Filter) where() (store.Filter, error) {
	if f == nil {
		return store.All(), nil
	}
	where, err := usecase.Refs(
		usecase.Ref{Field: "request", Prefix: "req", Name: "serviceRequestId", ID: f.ServiceRequestID},
		usecase.Ref{Field: "volunteer", Prefix: "vol", Name: "volunteerId", ID: f.VolunteerID},
	)
	if f.State != nil {
		where = store.Both(where, store.Is("state", string(*f.State)))
	}
	return where, err
}

// Offered tells what volunteers of a county have been offered and not answered yet, for a
// plan, which offers nobody two things at a time.
func (s *Service) Offered(ctx context.Context, county string, now time.Time, each func(volunteerID string, offered measure.Task)) error {
	q := store.Query{Where: store.Both(store.AtLeast("lapses", now), store.Below("lapses", int64(math.MaxInt64))), Sort: "lapses"}
	return s.rows.Each(ctx, q, func(g *Assignment) error {
		if g.Header.County == county && g.State() == Offered {
			each(g.Volunteer, g.task())
		}
		return nil
	})
}

// maxVouched bounds how much of the past one question looks at.
const maxVouched = 2000

// Vouched runs over the volunteers whose help was vouched for where an entry stands among
// the parties ("recipient:…", "lead:…"), once for each time that the actor sees: the newest
// 2,000.
func (s *Service) Vouched(ctx context.Context, a access.Actor, entry string, each func(volunteerID string)) error {
	sight, looked, enough := access.See(a, Noun), 0, errors.New("enough")
	err := s.rows.Each(ctx, store.Query{Where: store.Holds("parties", entry), Sort: "created", Desc: true}, func(g *Assignment) error {
		if looked++; looked > maxVouched {
			return enough
		}
		if g.State() == Verified && sight.Of(&g.Header) >= access.Limited {
			each(g.Volunteer)
		}
		return nil
	})
	if errors.Is(err, enough) {
		return nil
	}
	return err
}

// Taken tells what each volunteer has promised in a county that is not over at a moment,
// for matching, and whether the actor sees when: who does not may be told that somebody
// is not free, and nothing of why or until when.
func (s *Service) Taken(ctx context.Context, a access.Actor, county string, from time.Time, each func(volunteerID string, promised measure.Task, shown bool)) error {
	sight := access.See(a, Noun)
	q := store.Query{Where: store.Both(store.Is("county", county), store.AtLeast("busy", from)), Sort: "busy"}
	return s.rows.Each(ctx, q, func(g *Assignment) error {
		each(g.Volunteer, g.task(), sight.Of(&g.Header) >= access.Limited)
		return nil
	})
}
