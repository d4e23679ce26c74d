package matching

import (
	"cmp"
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/planning"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// MaxDryRun bounds how many need lines and how many supplies a dry run lists.
const MaxDryRun = 200

// DryRunInput asks what a policy would change on a station's board.
type DryRunInput struct {
	MatchingPolicyID string
	StationID        string
	Most             int // of each list; the counts are of all
}

// DryRunView is what would change.
type DryRunView struct {
	MatchingPolicy *policy.View
	NeedLines      int  // looked at
	Governed       int  // of these go by the policy where it is in force
	Supplies       int  // looked at
	Complete       bool // those were all
	OtherBest      int  // lines whose best candidate is another
	OtherScore     int  // lines whose best candidate is the same and scores otherwise
	Gain, Lose     int  // supplies that have more, or fewer, items of the plan
	Kept           int  // items that are in both plans
	Before, After  DryRunPlan
	Lines          []DryRunLine
	Shifts         []DryRunShift
}

// DryRunPlan is a plan of the board under one of the two.
type DryRunPlan struct {
	Items    int
	Coverage []PlanCoverage
	Gap      float64
}

// DryRunLine is a need line whose best candidate would be another, or would score
// otherwise.
type DryRunLine struct {
	ServiceRequest *request.View
	NeedLine       *request.LineView
	Before, After  CandidateView
}

// DryRunShift is a supply that would have more or fewer items of the plan.
type DryRunShift struct {
	CharityResource *resource.View
	Volunteer       *volunteer.View
	Before, After   int
}

// DryRun judges the open board of a station, and plans it, by what is in force at the
// place of each request and by what would be if a policy were: who gains, who loses, how
// many. Nothing is changed; requests that were accepted stay with what they are pinned to.
// Whoever sees less than all of a request sees its lines as if every owner took their
// recipient and no clearance were needed, so that nothing here tells whom they are for. Who: the station's coordinator, a protection
// officer for guarded requests, ADMIN and SUPERVISOR of the station's division for those
// that they see; of drafts, each those that would be in force at the station.
func (s *Service) DryRun(ctx context.Context, a access.Actor, in DryRunInput) (*DryRunView, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if in.Most < 0 || in.Most > MaxDryRun {
		return nil, fault.New(fault.CodeOutOfRange, fault.At("most"), fault.P("min", 0), fault.P("max", MaxDryRun))
	}
	if err := usecase.ID(in.StationID, "sta", "stationId"); err != nil {
		return nil, err
	}
	st, err := s.stations.Load(ctx, in.StationID)
	if err != nil {
		return nil, fault.Under(err, "stationId")
	}
	trial, err := s.policies.Try(ctx, a, in.MatchingPolicyID, st.Code())
	if err != nil {
		return nil, err
	}
	judge := remembered(func(r *request.Request) string { return r.Place }, func(ctx context.Context, r *request.Request) (verdict, error) {
		now, then, err := trial.For(ctx, r.Place)
		return verdict{ratesOf(now), ratesOf(then)}, err
	})
	before, err := s.board(ctx, s.trier(a, in.StationID, st.Code(), judge), in.StationID, nil)
	if err != nil {
		return nil, err
	}
	after, err := before.under(func(r *request.Request) (*rates, error) {
		v, err := judge(ctx, r)
		return v.then, err
	})
	if err != nil {
		return nil, err
	}
	v := &DryRunView{NeedLines: len(before.lines), Supplies: before.looked, Complete: before.complete}
	for _, l := range after.lines {
		if l.by.id == in.MatchingPolicyID {
			v.Governed++
		}
	}
	if v.MatchingPolicy, err = trial.View(ctx, a); err != nil {
		return nil, err
	}
	if err := s.compareBest(ctx, a, before, after, in.Most, v); err != nil {
		return nil, err
	}
	return v, s.comparePlans(ctx, a, before, after, in.Most, v)
}

// verdict is what judges at a place, and what would.
type verdict struct{ now, then *rates }

// trier is who may look at what a policy would change: as a proposer, or as one who
// oversees the station's place.
func (s *Service) trier(a access.Actor, stationID, place string, judge func(context.Context, *request.Request) (verdict, error)) looker {
	out := s.proposer(a, stationID)
	above, proposes := a.MayAt("policy.draft", division.Short(place)) == nil, out.sees
	out.reads, out.past = out.reads || above, true
	out.sees = func(r *request.Request) error {
		err := proposes(r)
		if rel := s.requests.Sight(a).Relations(&r.Header); !r.Guarded() && (rel.Has(access.ToSupervised) || rel.Has(access.ToAdmin)) {
			return nil
		}
		return err
	}
	out.judge = func(ctx context.Context, r *request.Request) (*rates, error) {
		v, err := judge(ctx, r)
		return v.now, err
	}
	return out
}

// under is the board as other rates judge it: the same lines, supply and pairs, for what
// fits is no matter of rates, with other scores. What is given in a plan of the one is
// free in the other.
func (b *board) under(by func(*request.Request) (*rates, error)) (*board, error) {
	out := *b
	out.lines, out.wants, out.supplies = slices.Clone(b.lines), slices.Clone(b.wants), make([]supply, len(b.supplies))
	same := map[*boardLine]*boardLine{}
	for i, l := range b.lines {
		judged, err := by(l.request)
		if err != nil {
			return nil, err
		}
		other := *l
		other.by, out.lines[i] = judged, &other
		same[l] = &other
	}
	for i := range out.wants {
		out.wants[i].boardLine = same[out.wants[i].boardLine]
	}
	for i, x := range b.supplies {
		out.supplies[i] = x.fork()
	}
	out.problem.Pairs = slices.Clone(b.problem.Pairs)
	for i := range out.problem.Pairs {
		p := &out.problem.Pairs[i]
		p.Score = out.supplies[p.Supply].score(out.wants[p.Line])
	}
	return &out, nil
}

// best is the best candidate on the board for each line, in their order; nil without one.
func (b *board) best() []*Weighed {
	at, pairs := map[*boardLine]int{}, make([]int, len(b.lines))
	for i, l := range b.lines {
		at[l], pairs[i] = i, -1
	}
	head := func(pair int) *Weighed {
		w := b.supplies[b.problem.Pairs[pair].Supply].bare()
		w.Score = b.problem.Pairs[pair].Score
		return &w
	}
	for i, p := range b.problem.Pairs {
		if k := at[b.wants[p.Line].boardLine]; pairs[k] < 0 || head(i).compare(head(pairs[k])) < 0 {
			pairs[k] = i
		}
	}
	out := make([]*Weighed, len(b.lines))
	for k, i := range pairs {
		if i >= 0 {
			p := b.problem.Pairs[i]
			w := b.supplies[p.Supply].weigh(b.wants[p.Line])
			out[k] = &w
		}
	}
	return out
}

// compareBest fills in the lines whose best candidate would be another, then those where
// it would score otherwise, each in the order of the board.
func (s *Service) compareBest(ctx context.Context, a access.Actor, before, after *board, most int, v *DryRunView) error {
	was, is := before.best(), after.best()
	var other, score []int
	for i, w := range was {
		switch {
		case w == nil: // what fits is the same in both
		case w.id() != is[i].id():
			other = append(other, i)
		case w.Score != is[i].Score:
			score = append(score, i)
		}
	}
	v.OtherBest, v.OtherScore = len(other), len(score)
	list := append(other, score...)
	list = list[:min(most, len(list))]
	var ids []string
	var weighed []Weighed
	for _, i := range list {
		ids, weighed = append(ids, before.lines[i].request.ID), append(weighed, *was[i], *is[i])
	}
	slices.Sort(ids)
	views, err := s.requests.Views(ctx, a, slices.Compact(ids))
	if err != nil {
		return err
	}
	shown, err := s.shown(ctx, a, weighed)
	if err != nil {
		return err
	}
	for k, i := range list {
		l := before.lines[i]
		if r := views[l.request.ID]; r != nil { // hidden since it was read
			v.Lines = append(v.Lines, DryRunLine{r, r.Line(l.line.ID), shown[2*k], shown[2*k+1]})
		}
	}
	return nil
}

// comparePlans plans both boards and fills in the supplies that would have more or fewer
// items, those first for whom the most would change.
func (s *Service) comparePlans(ctx context.Context, a access.Actor, before, after *board, most int, v *DryRunView) error {
	was, is := before.dryPlan(ctx, &v.Before), after.dryPlan(ctx, &v.After)
	if err := ctx.Err(); err != nil {
		return err
	}
	type shift struct {
		of            Weighed
		before, after int
	}
	var shifts []*shift
	by := map[string]*shift{}
	for _, x := range before.supplies { // one by period stands there several times
		if w := x.bare(); by[w.id()] == nil {
			by[w.id()] = &shift{of: w}
			shifts = append(shifts, by[w.id()])
		}
	}
	for item, n := range was {
		by[item.supply].before += n
		v.Kept += min(n, is[item])
	}
	for item, n := range is {
		by[item.supply].after += n
	}
	shifts = slices.DeleteFunc(shifts, func(x *shift) bool { return x.before == x.after })
	for _, x := range shifts {
		if x.after > x.before {
			v.Gain++
		} else {
			v.Lose++
		}
	}
	slices.SortStableFunc(shifts, func(x, y *shift) int {
		return cmp.Compare(max(y.after-y.before, y.before-y.after), max(x.after-x.before, x.before-x.after))
	})
	shifts = shifts[:min(most, len(shifts))]
	weighed := make([]Weighed, len(shifts))
	for i, x := range shifts {
		weighed[i] = x.of
	}
	shown, err := s.shown(ctx, a, weighed)
	if err != nil {
		return err
	}
	for i, x := range shifts {
		v.Shifts = append(v.Shifts, DryRunShift{shown[i].CharityResource, shown[i].Volunteer, x.before, x.after})
	}
	return nil
}

// item is what a plan puts together, wherever it is on the board.
type item struct{ line, supply string }

// dryPlan plans a board and answers how often each is put to each.
func (b *board) dryPlan(ctx context.Context, v *DryRunPlan) map[item]int {
	plan := planning.Solve(ctx, &b.problem, planning.Standard)
	out := map[item]int{}
	placed := b.place(plan)
	for _, it := range placed {
		p := b.problem.Pairs[it.pair]
		out[item{b.wants[p.Line].line.ID, it.weighed.id()}]++
	}
	v.Items, v.Coverage, v.Gap = len(placed), b.coverage(plan), plan.Gap()
	return out
}
