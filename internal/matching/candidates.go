package matching

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/assignment"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// maxWeighed bounds how many resources or volunteers one question weighs; beyond it the
// answer says that it is not complete.
const maxWeighed = 5000

// MaxCandidates is the most that may be asked for of either list.
const MaxCandidates = 50

// Helpers is what assignments know of volunteers, and do with them.
type Helpers interface {
	// Offer offers a volunteer a part in a request.
	Offer(ctx context.Context, a access.Actor, in assignment.OfferInput) (*assignment.View, []usecase.Notice, error)
	// Taken is what each volunteer has promised in a county that is not over at a moment,
	// and whether the actor sees each promise.
	Taken(ctx context.Context, a access.Actor, county string, from time.Time, each func(volunteerID string, promised measure.Task, shown bool)) error
	// Minors reports whether who helps with the request meets minors.
	Minors(ctx context.Context, r *request.Request, now time.Time) (bool, error)
}

// Taken is time that a volunteer has promised. What the asker does not see still keeps
// them from being free, and tells no more than that.
type Taken struct {
	measure.Task
	Shown bool
}

// CandidatesView is who or what could meet a need line, the best first, and what nearly
// could, the nearest first.
type CandidatesView struct {
	NeedLine   *request.LineView
	Policy     *string
	At         time.Time
	Weighed    int
	Complete   bool // all that there is was weighed
	Candidates []CandidateView
	NearMisses []CandidateView
}

// CandidateView is one of them; Failures is empty for a candidate.
type CandidateView struct {
	CharityResource *resource.View
	Volunteer       *volunteer.View
	Quantity        measure.Quantity
	StartsAt        *time.Time
	Score           float64
	Reasons         []ReasonView
	Failures        []FailureView
}

// FailureView is a hard rule that does not hold, and the least that would make it.
type FailureView struct {
	Rule       codes.Code
	Relaxation *RelaxationView
}

// RelaxationView is the least change that makes a rule hold.
type RelaxationView struct {
	Kind     RelaxationKind
	Quantity *measure.Quantity
	At       *time.Time
	Division *division.View
	Codes    []codes.Code
	area     string
}

// words are what would have to change, in both languages; %s is what stands in the
// field of the kind.
var words = map[RelaxationKind]struct{ zh, en string }{
	AskFor:  {"至少需要 %s", "ask for %s at least"},
	StartAt: {"从 %s 开始", "from %s"},
	Reach:   {"延至 %s 以后", "let it reach beyond %s"},
	Before:  {"提前到 %s 以前", "let it begin before %s"},
	Serve:   {"资源须服务到%s", "the resource would have to serve %s"},
	Without: {"不要求：%s", "do without: %s"},
	Admit:   {"资源须接受：%s", "the resource would have to admit: %s"},
	Clear:   {"先完成未成年人准入查询", "clear for contact with minors first"},
}

// Label is the change in the reader's words.
func (v *RelaxationView) Label(ctx context.Context) string {
	w := words[v.Kind].zh
	if codes.English(ctx) {
		w = words[v.Kind].en
	}
	var what []string
	switch {
	case v.Quantity != nil:
		what = []string{v.Quantity.Text(codes.English(ctx))}
	case v.At != nil:
		what = []string{v.At.In(clock.China).Format("2006-01-02 15:04")}
	case v.Division != nil:
		what = []string{v.Division.Name}
	default:
		for _, c := range v.Codes {
			what = append(what, c.Label(ctx))
		}
	}
	if len(what) == 0 {
		return w
	}
	return fmt.Sprintf(w, strings.Join(what, " · "))
}

// Candidates weighs what could meet a need line: charity resources, or volunteers for
// lines of hours. Who: the station of the request, a protection officer for guarded
// ones. Equal data give equal answers.
func (s *Service) Candidates(ctx context.Context, a access.Actor, needLineID string, best, misses int) (*CandidatesView, error) {
	for name, n := range map[string]int{"best": best, "nearMisses": misses} {
		if n < 0 || n > MaxCandidates {
			return nil, fault.New(fault.CodeOutOfRange, fault.At(name), fault.P("min", 0), fault.P("max", MaxCandidates))
		}
	}
	if err := usecase.ID(needLineID, "nl", "needLineId"); err != nil {
		return nil, err
	}
	r, line, err := s.requests.LoadLine(ctx, needLineID)
	if err != nil {
		return nil, err
	}
	if s.requests.Sight(a).Of(&r.Header) == access.Hidden {
		return nil, fault.New(fault.CodeNotFound)
	}
	if side, err := s.side(a, r, ""); err != nil || side != Station {
		return nil, err
	}
	out := &CandidatesView{Policy: usecase.Opt(r.Policy), At: s.core.Time()}
	if out.NeedLine, err = s.requests.LineView(ctx, a, line.ID); err != nil {
		return nil, err
	}
	weigh := s.weighResources
	if line.Kind == request.KindHours {
		weigh = s.weighVolunteers
	}
	all, complete, err := weigh(ctx, a, r, line, out.At)
	if err != nil {
		return nil, err
	}
	out.Weighed, out.Complete = len(all), complete
	slices.SortFunc(all, func(x, y Weighed) int { return x.compare(&y) })
	fit := len(all)
	if i := slices.IndexFunc(all, func(w Weighed) bool { return len(w.Failures) > 0 }); i >= 0 {
		fit = i
	}
	shown := append(slices.Clone(all[:min(best, fit)]), all[fit:min(fit+misses, len(all))]...)
	views, err := s.shown(ctx, a, shown)
	out.Candidates, out.NearMisses = views[:min(best, fit)], views[min(best, fit):]
	return out, err
}

// gather reads the rows of a query up to maxWeighed, and whether those were all.
func gather[T any](ctx context.Context, rows *store.Collection[T], q store.Query) (out []*T, complete bool, err error) {
	enough := errors.New("enough")
	err = rows.Each(ctx, q, func(t *T) error {
		if len(out) == maxWeighed {
			return enough
		}
		out = append(out, t)
		return nil
	})
	if errors.Is(err, enough) {
		return out, false, nil
	}
	return out, err == nil, err
}

// weighResources weighs all resources of the line's kind and category that are on offer.
func (s *Service) weighResources(ctx context.Context, a access.Actor, r *request.Request, line *request.Line, now time.Time) ([]Weighed, bool, error) {
	group, err := s.requests.Group(ctx, r)
	if err != nil {
		return nil, false, err
	}
	found, complete, err := s.stock(ctx, a, line.Kind, line.Category, now)
	if err != nil {
		return nil, false, err
	}
	served, err := s.known(ctx, r, found)
	if err != nil {
		return nil, false, err
	}
	var out []Weighed
	for _, o := range found {
		if o.resource.Unit() != line.Need.Unit {
			continue
		}
		if w, ok := o.pair(r, line, group, served, now).weigh(); ok {
			out = append(out, w)
		}
	}
	return out, complete, nil
}

// offer is a resource that is to be had, with its owner.
type offer struct {
	resource *resource.Resource
	owner    *organisation.Organisation
	stale    bool
}

// pair puts the offer to a line; served are the resources that served its recipient.
func (o offer) pair(r *request.Request, line *request.Line, group string, served map[string]bool, now time.Time) pair {
	return pair{request: r, line: line, resource: o.resource, owner: o.owner, group: group, now: now, served: served[o.resource.ID], stale: o.stale}
}

// known are the resources that have served the request's recipient, if one of the offers
// asks for that.
func (s *Service) known(ctx context.Context, r *request.Request, found []offer) (map[string]bool, error) {
	if !slices.ContainsFunc(found, func(o offer) bool { return o.resource.Known() }) {
		return nil, nil
	}
	return s.allocations.Served(ctx, r.Header.Subject)
}

// stock is all resources of a kind and category that are on offer and that the actor may
// see, and whether those are all.
func (s *Service) stock(ctx context.Context, a access.Actor, kind request.Kind, category string, now time.Time) ([]offer, bool, error) {
	q := store.Query{Where: store.Both(store.Is("category", category), store.Is("kind", string(kind)), store.Is("state", string(resource.Published))), Sort: "created"}
	rows := s.resources.Rows()
	found, complete, err := gather(ctx, rows, s.resources.Sight(a).Query(rows.Definition(), q))
	if err != nil {
		return nil, false, err
	}
	ids := make([]string, len(found))
	for i, res := range found {
		ids[i] = res.Owner
	}
	owners, err := s.organisations.Rows().GetMany(ctx, ids)
	if err != nil {
		return nil, false, err
	}
	var out []offer
	for _, res := range found {
		if owners[res.Owner] != nil && res.Available(now) == nil {
			out = append(out, offer{res, owners[res.Owner], s.resources.Stale(res, now)})
		}
	}
	return out, complete, nil
}

// weighVolunteers weighs all volunteers of the county who take assignments and whom the
// actor may see.
func (s *Service) weighVolunteers(ctx context.Context, a access.Actor, r *request.Request, line *request.Line, now time.Time) ([]Weighed, bool, error) {
	found, taken, complete, err := s.people(ctx, a, r.Header.County, now)
	if err != nil {
		return nil, false, err
	}
	minors, err := s.helpers.Minors(ctx, r, now)
	if err != nil {
		return nil, false, err
	}
	var out []Weighed
	for _, v := range found {
		h := helper{request: r, line: line, volunteer: v, taken: taken[v.ID], minors: minors, now: now}
		if w, ok := h.weigh(); ok {
			out = append(out, w)
		}
	}
	return out, complete, nil
}

// people is all volunteers of a county who take assignments and whom the actor may see,
// what each has promised, and whether those are all.
func (s *Service) people(ctx context.Context, a access.Actor, county string, now time.Time) ([]*volunteer.Volunteer, map[string][]Taken, bool, error) {
	rows, sight := s.volunteers.Rows(), access.See(a, volunteer.Noun)
	q := store.Query{Where: store.Both(store.Is("county", county), store.Is("state", string(volunteer.Active))), Sort: "created"}
	found, complete, err := gather(ctx, rows, sight.Query(rows.Definition(), q))
	if err != nil {
		return nil, nil, false, err
	}
	taken := map[string][]Taken{}
	err = s.helpers.Taken(ctx, a, county, now, func(volunteerID string, promised measure.Task, shown bool) {
		taken[volunteerID] = append(taken[volunteerID], Taken{promised, shown})
	})
	return found, taken, complete, err
}

// shown reads what the chosen few look like for the actor.
func (s *Service) shown(ctx context.Context, a access.Actor, list []Weighed) ([]CandidateView, error) {
	var resources, volunteers, places []string
	out := make([]CandidateView, len(list))
	for i := range list {
		out[i] = list[i].view()
		if list[i].Resource != nil {
			resources = append(resources, list[i].Resource.ID)
		} else {
			volunteers = append(volunteers, list[i].Volunteer.ID)
		}
		for _, f := range out[i].Failures {
			if f.Relaxation != nil && f.Relaxation.area != "" {
				places = append(places, division.ID(f.Relaxation.area))
			}
		}
	}
	res, err := s.resources.Views(ctx, a, resources)
	if err != nil {
		return nil, err
	}
	vol, err := s.volunteers.Views(ctx, a, volunteers)
	if err != nil {
		return nil, err
	}
	div, err := s.divisions.Views(ctx, a, places)
	if err != nil {
		return nil, err
	}
	for i, w := range list {
		if w.Resource != nil {
			out[i].CharityResource = res[w.Resource.ID]
		} else {
			out[i].Volunteer = vol[w.Volunteer.ID]
		}
		for _, f := range out[i].Failures {
			if f.Relaxation != nil && f.Relaxation.area != "" {
				f.Relaxation.Division = div[division.ID(f.Relaxation.area)]
			}
		}
	}
	return out, nil
}

func (w *Weighed) view() CandidateView {
	v := CandidateView{Quantity: w.Quantity, StartsAt: usecase.Moment(w.Start), Score: w.Score, Reasons: []ReasonView{}, Failures: []FailureView{}}
	for _, r := range w.Reasons {
		v.Reasons = append(v.Reasons, ReasonView{codes.Code{List: codes.MatchRule, ID: r.Rule}, r.Score, r.Detail})
	}
	for _, f := range w.Failures {
		v.Failures = append(v.Failures, FailureView{Rule: codes.Code{List: codes.MatchRule, ID: f.Rule}, Relaxation: f.Relax.view()})
	}
	return v
}

func (x *Relaxation) view() *RelaxationView {
	if x == nil {
		return nil
	}
	list := codes.Skill
	if x.Kind == Admit {
		list = codes.RecipientCategory
	}
	v := &RelaxationView{Kind: x.Kind, At: usecase.Moment(x.At), Codes: codes.Many(list, x.Codes), area: x.Area}
	if x.Quantity.Value > 0 {
		v.Quantity = &x.Quantity
	}
	return v
}
