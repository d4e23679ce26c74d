package matching

import (
	"context"
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
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// maxWeighed bounds how many resources or volunteers one question looks at; beyond it the
// answer says that it is not complete.
const maxWeighed = 200_000

// MaxCandidates is the most that may be asked for of either list.
const MaxCandidates = 50

// Helpers is what assignments know of volunteers, and do with them.
type Helpers interface {
	// Offer offers a volunteer a part in a request.
	Offer(ctx context.Context, a access.Actor, in assignment.OfferInput) (*assignment.View, []usecase.Notice, error)
	// Taken is what each volunteer has promised in a county that is not over at a moment,
	// and whether the actor sees each promise.
	Taken(ctx context.Context, a access.Actor, county string, from time.Time, each func(volunteerID string, promised measure.Task, shown bool)) error
	// Offered is what volunteers of a county have not answered yet.
	Offered(ctx context.Context, county string, now time.Time, each func(volunteerID string, offered measure.Task)) error
	// Vouched runs over the volunteers whose help was vouched for where an entry stands
	// among the parties, as far as the actor sees it: the newest, up to a bound.
	Vouched(ctx context.Context, a access.Actor, entry string, each func(volunteerID string)) error
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
	NeedLine       *request.LineView
	Policy         string       // label
	MatchingPolicy *policy.View // nil for the built-in one
	At             time.Time
	Weighed        int
	Complete       bool // whatever was not weighed could stand in neither list
	Candidates     []CandidateView
	NearMisses     []CandidateView
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
// ones. Equal data give equal answers: those of weighing everything, of which as little is
// weighed as can decide.
func (s *Service) Candidates(ctx context.Context, a access.Actor, needLineID string, best, misses int) (*CandidatesView, error) {
	return s.candidates(ctx, a, needLineID, best, misses, false)
}

// CandidatesOfAll is Candidates by weighing everything, for whoever compares the two.
func (s *Service) CandidatesOfAll(ctx context.Context, a access.Actor, needLineID string, best, misses int) (*CandidatesView, error) {
	return s.candidates(ctx, a, needLineID, best, misses, true)
}

func (s *Service) candidates(ctx context.Context, a access.Actor, needLineID string, best, misses int, all bool) (*CandidatesView, error) {
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
	by, err := s.judge(ctx, r)
	if err != nil {
		return nil, err
	}
	out := &CandidatesView{Policy: by.label, At: s.core.Time()}
	policies, err := s.policies.Views(ctx, a, used(by.id))
	if err != nil {
		return nil, err
	}
	out.MatchingPolicy = policies[by.id]
	if out.NeedLine, err = s.requests.LineView(ctx, a, line.ID); err != nil {
		return nil, err
	}
	weigh := s.weighResources
	if line.Kind == request.KindHours {
		weigh = s.weighVolunteers
	}
	found := &lists{top{most: best}, top{most: misses}}
	if out.Weighed, out.Complete, err = weigh(ctx, a, r, line, by, out.At, all, found); err != nil {
		return nil, err
	}
	views, err := s.shown(ctx, a, slices.Concat(found.fit.list, found.miss.list))
	if err != nil {
		return nil, err
	}
	out.Candidates, out.NearMisses = views[:len(found.fit.list)], views[len(found.fit.list):]
	return out, nil
}

// weighResources weighs the resources of the line's kind and category that are on offer.
func (s *Service) weighResources(ctx context.Context, a access.Actor, r *request.Request, line *request.Line, by *rates, now time.Time, all bool, into *lists) (int, bool, error) {
	group, err := s.requests.Group(ctx, r)
	if err != nil {
		return 0, false, err
	}
	rows := s.resources.Rows()
	base := s.resources.Sight(a).Query(rows.Definition(), onOffer(line.Kind, line.Category)).Where
	var served map[string]bool
	owners, known := owners{}, records{}
	return explore(ctx, rows, base, resourceWalks(r.Place, by), all, into, func(res *resource.Resource) string { return res.ID }, func(found []*resource.Resource) (n int, err error) {
		offers, err := s.offers(ctx, found, owners, now)
		if err == nil && served == nil {
			served, err = s.known(ctx, r, offers)
		}
		if err == nil && by.weighsOwner() {
			err = s.recorded(ctx, known, offers)
		}
		if err != nil {
			return 0, err
		}
		for _, o := range offers {
			if o.resource.Unit() != line.Need.Unit {
				continue
			}
			p, ok := o.pair(r, line, by, group, served, now).beside()
			if !ok {
				continue
			}
			if n++; !into.hopeless(p.score()) {
				into.add(p.weighed())
			}
		}
		return n, nil
	})
}

// weighVolunteers weighs the volunteers of the county who take assignments and whom the
// actor may see.
func (s *Service) weighVolunteers(ctx context.Context, a access.Actor, r *request.Request, line *request.Line, by *rates, now time.Time, all bool, into *lists) (int, bool, error) {
	taken, err := s.taken(ctx, a, r.Header.County, now)
	if err != nil {
		return 0, false, err
	}
	minors, err := s.helpers.Minors(ctx, r, now)
	if err != nil {
		return 0, false, err
	}
	before, err := s.past(ctx, a, r, by.past())
	if err != nil {
		return 0, false, err
	}
	known := records{}
	rows := s.volunteers.Rows()
	base := access.See(a, volunteer.Noun).Query(rows.Definition(), atWork(r.Header.County)).Where
	return explore(ctx, rows, base, volunteerWalks(r.Place, line.Skills, by), all, into, func(v *volunteer.Volunteer) string { return v.ID }, func(found []*volunteer.Volunteer) (n int, err error) {
		if by.weighs("PAST_CONFIRMATION") {
			if err := s.learn(ctx, known, ids(found)); err != nil {
				return 0, err
			}
		}
		for _, v := range found {
			h := helper{request: r, line: line, volunteer: v, taken: taken[v.ID], minors: minors, past: before, record: known[v.ID], now: now, by: by}
			if h.barred() {
				continue
			}
			if n++; !into.hopeless(h.score()) {
				into.add(h.weighed())
			}
		}
		return n, nil
	})
}

func ids(found []*volunteer.Volunteer) []string {
	out := make([]string, len(found))
	for i, v := range found {
		out[i] = v.ID
	}
	return out
}

// past reads who has helped a request's recipient, and who has worked with its lead; nil
// where it is not wanted.
func (s *Service) past(ctx context.Context, a access.Actor, r *request.Request, wanted bool) (*past, error) {
	if !wanted {
		return nil, nil
	}
	out := &past{map[string]int{}, map[string]int{}}
	for id, to := range map[string]map[string]int{access.PartyRecipient.Of(r.Header.Subject): out.helped, access.PartyLead.Of(r.Lead): out.paired} {
		if strings.HasSuffix(id, ":") {
			continue
		}
		if err := s.helpers.Vouched(ctx, a, id, func(volunteerID string) { to[volunteerID]++ }); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// shown reads what the chosen few look like for the actor.
func (s *Service) shown(ctx context.Context, a access.Actor, list []Weighed) ([]CandidateView, error) {
	var resources, volunteers, places []string
	out, reasons := make([]CandidateView, len(list)), make([][]ReasonView, len(list))
	for i := range list {
		out[i] = list[i].view()
		reasons[i] = out[i].Reasons
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
	return out, s.named(ctx, a, reasons...)
}

func (w *Weighed) view() CandidateView {
	v := CandidateView{Quantity: w.Quantity, StartsAt: usecase.Moment(w.Start), Score: w.Score, Reasons: []ReasonView{}, Failures: []FailureView{}}
	for _, r := range w.Reasons {
		v.Reasons = append(v.Reasons, reasonView(r, w.Quantity.Unit))
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
