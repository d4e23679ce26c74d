package request

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// Get reads one request for an actor; NOT_FOUND when it is hidden.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	return usecase.One(ctx, a, id, s.Views)
}

// Views reads requests for an actor; hidden and missing ones are not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	masked := func(rows []*Request) ([]*View, error) { return s.views(ctx, a, rows) }
	return usecase.ByID(ctx, s.rows, ids, masked, func(v *View) string { return v.ID })
}

// Past shows a request as it was at a moment, without steps to take; what it points to is as it
// is now. NOT_FOUND when the actor did not see it then.
func (s *Service) Past(ctx context.Context, a access.Actor, r *Request, at time.Time) (*View, error) {
	was, err := usecase.Only(s.viewsAt(ctx, a, []*Request{r}, at))
	if err != nil {
		return nil, err
	}
	was.AllowedActions = nil
	return was, nil
}

// views masks rows for an actor and reads each relation once; hidden rows are
// dropped, the order is kept.
func (s *Service) views(ctx context.Context, a access.Actor, rows []*Request) ([]*View, error) {
	return s.viewsAt(ctx, a, rows, s.core.Time())
}

func (s *Service) viewsAt(ctx context.Context, a access.Actor, rows []*Request, now time.Time) ([]*View, error) {
	ctx = store.Remember(ctx) // a page's requests share their places and people
	sight := s.Sight(a)
	refs, out, kept := newRefs(), make([]*View, 0, len(rows)), make([]*Request, 0, len(rows))
	for _, r := range rows {
		at := sight.On(&r.Header)
		if at.Mask == access.Hidden {
			continue
		}
		v := r.plain(at, now)
		v.AllowedActions = r.allowed(at, now)
		refs.want(r, at.Mask)
		out, kept = append(out, v), append(kept, r)
	}
	if err := refs.load(ctx, a, s.nouns); err != nil {
		return nil, err
	}
	for i, v := range out {
		refs.fill(v, kept[i], now)
	}
	return out, nil
}

// Snapshot is a past or present state of a request for the feed: masked with the
// given mask, under the given class where that is stricter than its own, without allowed
// actions and what only who settles an appeal reads, which are a reader's own. It changes r, which nobody else may hold.
func (s *Service) Snapshot(ctx context.Context, a access.Actor, r *Request, mask access.Mask, class access.Class) (*View, error) {
	ctx = store.Remember(ctx)
	r.Header.Class = access.Stricter(r.Header.Class, class)
	refs := newRefs()
	now := s.core.Time()
	v := r.plain(access.Standing{Mask: mask}, now)
	refs.want(r, mask)
	if err := refs.load(ctx, a, s.nouns); err != nil {
		return nil, err
	}
	refs.fill(v, r, now)
	return v, nil
}

// refs gathers the ids that a page of requests refers to and reads each noun once.
type refs struct {
	divisions, communities, stations, workers, recipients, volunteers map[string]bool

	div map[string]*division.View
	com map[string]*community.View
	sta map[string]*station.View
	wrk map[string]*socialworker.View
	rcp map[string]*recipient.View
	vol map[string]*volunteer.View
}

func newRefs() *refs {
	return &refs{
		divisions: map[string]bool{}, communities: map[string]bool{}, stations: map[string]bool{},
		workers: map[string]bool{}, recipients: map[string]bool{}, volunteers: map[string]bool{},
	}
}

// want notes what a view with this mask will show.
func (f *refs) want(r *Request, mask access.Mask) {
	if id := r.area(mask); id != "" {
		f.divisions[id] = true
	}
	if mask >= access.Limited {
		f.communities["com_"+r.Place] = true
		f.recipients[r.Header.Subject] = true
		f.workers[r.Lead] = true
		for _, p := range r.Parts {
			if p.Society == "VOLUNTEER" {
				f.volunteers[p.Party] = true
			}
		}
	}
	if r.showsStation(mask) {
		f.stations[r.Header.Station] = true
		if x := r.Referral; x != nil {
			f.stations[x.From], f.stations[x.To] = true, true
		}
	}
}

// townShown are the classes of which each reader is shown the township.
var townShown = []access.Class{access.Public, access.Restricted}

// showsStation: a street station tells the street, so strangers see it only of
// what may be known that closely.
func (r *Request) showsStation(mask access.Mask) bool {
	return mask >= access.Limited || slices.Contains(townShown, r.Header.Class)
}

// area is the division that strangers see: the township of ordinary requests, the
// county of protected ones, nothing of sealed ones.
func (r *Request) area(mask access.Mask) string {
	code := r.Header.Town
	switch {
	case r.sealedTo(mask):
		return ""
	case r.Header.Class == access.Protected && mask < access.Limited:
		code = r.Header.County
	case code == "" && r.Place != "":
		_, _, _, code, _ = division.Levels(r.Place)
	}
	if code == "" {
		return ""
	}
	return "div_" + division.Full(code)
}

func (f *refs) load(ctx context.Context, a access.Actor, n Nouns) (err error) {
	if f.div, err = n.Divisions.Views(ctx, a, keys(f.divisions)); err != nil {
		return err
	}
	if f.com, err = n.Communities.Views(ctx, a, keys(f.communities)); err != nil {
		return err
	}
	if f.sta, err = n.Stations.Views(ctx, a, keys(f.stations)); err != nil {
		return err
	}
	if f.wrk, err = n.Workers.Named(ctx, a, keys(f.workers)); err != nil {
		return err
	}
	if f.rcp, err = n.Recipients.Views(ctx, a, keys(f.recipients)); err != nil {
		return err
	}
	f.vol, err = n.Volunteers.Named(ctx, a, keys(f.volunteers))
	return err
}

func keys(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		if k != "" {
			out = append(out, k)
		}
	}
	return out
}

// fill puts the references into a view and names those that are hidden.
func (f *refs) fill(v *View, r *Request, now time.Time) {
	v.Area = f.div[r.area(v.Mask)]
	if v.Area == nil {
		v.Hidden = append(v.Hidden, "area")
	}
	if r.showsStation(v.Mask) {
		v.Station, v.Referral = f.sta[r.Header.Station], f.referral(r)
	} else {
		v.Hidden = append(v.Hidden, "station", "referral")
	}
	if v.Mask >= access.Limited {
		v.Community, v.Recipient, v.Lead = f.com["com_"+r.Place], f.rcp[r.Header.Subject], f.wrk[r.Lead]
	}
	for _, x := range []struct {
		field   string
		missing bool
	}{
		{"community", v.Community == nil}, {"recipient", v.Recipient == nil && r.Header.Subject != ""}, {"lead", v.Lead == nil && r.Lead != ""},
	} {
		if x.missing {
			v.Hidden = append(v.Hidden, x.field)
		}
	}
	v.Participation = f.participation(v, r, now)
}

func (f *refs) participation(v *View, r *Request, now time.Time) []ParticipationView {
	parts := r.Parts
	if r.State() != Closed {
		parts = r.station(now)
	}
	out := make([]ParticipationView, 0, len(parts))
	for _, p := range parts {
		pv := ParticipationView{Society: p.Society, Role: p.Role, Since: p.Since, Duration: p.Lasted}
		if v.Mask >= access.Limited {
			if pv.Display = f.display(p.Party); p.Display != "" {
				pv.Display = &p.Display
			}
			if pv.Display != nil {
				pv.PartyID = &p.Party
			}
		}
		out = append(out, pv)
	}
	return out
}

func (f *refs) display(id string) *string {
	switch {
	case strings.HasPrefix(id, "com_") && f.com[id] != nil:
		return &f.com[id].Name
	case strings.HasPrefix(id, "wrk_") && f.wrk[id] != nil:
		return &f.wrk[id].DisplayName
	case strings.HasPrefix(id, "vol_") && f.vol[id] != nil:
		return &f.vol[id].DisplayName
	}
	return nil
}

// LineView reads a need line by id through its request; NOT_FOUND when it is hidden.
func (s *Service) LineView(ctx context.Context, a access.Actor, id string) (*LineView, error) {
	r, _, err := s.LoadLine(ctx, id)
	if err != nil {
		return nil, err
	}
	v, err := s.Get(ctx, a, r.ID)
	if err != nil {
		return nil, err
	}
	return v.Line(id), nil
}
