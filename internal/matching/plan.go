package matching

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/planning"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/usecase"
)

// MaxLosses bounds how many items of a plan tell what leaving them out would cost.
const MaxLosses = 50

// maxWithout bounds what may be kept out of a plan.
const maxWithout = 500

// weights say how much more an urgent line counts: one outweighs ten of the next lower
// urgency.
var weights = map[request.Urgency]float64{request.Urgent: 100, request.High: 10, request.Normal: 1}

// PlanInput asks for a plan of a station's board.
type PlanInput struct {
	StationID string
	Without   []PlanPair
	Losses    int
}

// PlanPair is a supply that a plan shall not put to a need line; exactly one of the two
// ids says which.
type PlanPair struct {
	NeedLineID        string
	CharityResourceID *string
	VolunteerID       *string
}

// PlanView is what could be proposed for all open need lines of a station at once.
type PlanView struct {
	NeedLines int  // looked at
	Supplies  int  // looked at
	Complete  bool // those were all
	Gap       float64
	Coverage  []PlanCoverage
	Items     []PlanItem
	Open      []PlanOpen
}

// PlanCoverage is how much of the lines of an urgency a plan covers, in lines: half of a
// line is half.
type PlanCoverage struct {
	Urgency   request.Urgency
	NeedLines int
	Covered   float64
}

// PlanItem is one supply put to one line.
type PlanItem struct {
	ServiceRequest *request.View
	NeedLine       *request.LineView
	Candidate      CandidateView
	Loss           *PlanLoss
}

// PlanLoss is what the best plan without an item covers.
type PlanLoss struct {
	Coverage []PlanCoverage
	Score    float64 // by how much the scores of what is given fall
}

// PlanOpen is a line that the plan does not cover in full.
type PlanOpen struct {
	ServiceRequest *request.View
	NeedLine       *request.LineView
	Missing        measure.Quantity
	Fitting        int // supplies that fit: they are given elsewhere, or do not suffice
}

// Plan proposes, for all open need lines of a station and all supply at once, what covers
// most, the urgent first, and then fits best. What is proposed already and waits for an
// answer counts as given. Nothing is changed. Who: a coordinator of the station, and a
// protection officer for its guarded requests.
func (s *Service) Plan(ctx context.Context, a access.Actor, in PlanInput) (*PlanView, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	without, err := in.check()
	if err != nil {
		return nil, err
	}
	b, err := s.board(ctx, s.proposer(a, in.StationID), in.StationID, without)
	if err != nil {
		return nil, err
	}
	plan := planning.Solve(ctx, &b.problem, planning.Standard)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	items := b.place(plan)
	v := &PlanView{NeedLines: len(b.lines), Supplies: b.looked, Complete: b.complete, Gap: plan.Gap(), Coverage: b.coverage(plan)}
	for _, it := range items[:min(in.Losses, len(items))] {
		rest := planning.Without(ctx, &b.problem, plan, b.alike(it.pair), planning.Standard/100)
		it.loss = &PlanLoss{Coverage: b.coverage(rest), Score: b.score(plan) - b.score(rest)}
	}
	return v, s.showPlan(ctx, a, b, plan, items, v)
}

func (in PlanInput) check() (map[[2]string]bool, error) {
	if err := usecase.ID(in.StationID, "sta", "stationId"); err != nil {
		return nil, err
	}
	if in.Losses < 0 || in.Losses > MaxLosses {
		return nil, fault.New(fault.CodeOutOfRange, fault.At("losses"), fault.P("min", 0), fault.P("max", MaxLosses))
	}
	if len(in.Without) > maxWithout {
		return nil, fault.New(fault.CodeTooMany, fault.At("without"), fault.P("max", maxWithout))
	}
	out := map[[2]string]bool{}
	for i, w := range in.Without {
		supply, err := oneSupply(w.NeedLineID, w.CharityResourceID, w.VolunteerID, "without", strconv.Itoa(i))
		if err != nil {
			return nil, err
		}
		out[[2]string{w.NeedLineID, supply}] = true
	}
	return out, nil
}

// oneSupply is the id of the one supply that is named for a line.
func oneSupply(line string, res, vol *string, path ...string) (string, error) {
	at := func(field string) []string { return append(slices.Clone(path), field) }
	if err := usecase.ID(line, "nl", at("needLineId")...); err != nil {
		return "", err
	}
	switch {
	case res != nil && vol == nil:
		return *res, usecase.ID(*res, "res", at("charityResourceId")...)
	case vol != nil && res == nil:
		return *vol, usecase.ID(*vol, "vol", at("volunteerId")...)
	}
	return "", fault.New(fault.CodeInvalid, fault.At(path...), fault.P("rule", "ONE_SUPPLY"))
}

// planned is one supply put to one want.
type planned struct {
	pair    int // of the problem
	weighed Weighed
	loss    *PlanLoss
}

// place says when each task of a plan is done, the most pressing of a supply first, and
// with what reasons each pair stands. The planner asks only whether there is room for all
// tasks of a supply; what then finds no moment, beside what is placed before it, is left
// out of the plan.
func (b *board) place(plan *planning.Plan) []*planned {
	order := slices.Clone(plan.Gives)
	slices.SortStableFunc(order, func(x, y planning.Give) int {
		p, q := b.problem.Pairs[x.Pair].Task, b.problem.Pairs[y.Pair].Task
		if p == nil || q == nil {
			return 0
		}
		return p.To.Add(-p.Length).Compare(q.To.Add(-q.Length))
	})
	var out []*planned
	for _, g := range order {
		pair := b.problem.Pairs[g.Pair]
		w := b.supplies[pair.Supply].give(b.wants[pair.Line], g.Amount)
		if len(w.Failures) > 0 {
			plan.Drop(&b.problem, g.Pair)
			continue
		}
		out = append(out, &planned{pair: g.Pair, weighed: w})
	}
	slices.SortFunc(out, func(x, y *planned) int { return cmp.Compare(x.pair, y.pair) })
	return out
}

// alike is the pairs of the same line and supply as one.
func (b *board) alike(pair int) []int {
	var out []int
	of := b.problem.Pairs[pair]
	for i, p := range b.problem.Pairs {
		if p.Supply == of.Supply && b.wants[p.Line].boardLine == b.wants[of.Line].boardLine {
			out = append(out, i)
		}
	}
	return out
}

// share is how much of its line a pair's amount is.
func (b *board) share(g planning.Give) float64 {
	return float64(g.Amount) / float64(b.wants[b.problem.Pairs[g.Pair].Line].missing)
}

func (b *board) coverage(plan *planning.Plan) []PlanCoverage {
	out := []PlanCoverage{{Urgency: request.Urgent}, {Urgency: request.High}, {Urgency: request.Normal}}
	at := func(u request.Urgency) *PlanCoverage {
		return &out[slices.IndexFunc(out, func(c PlanCoverage) bool { return c.Urgency == u })]
	}
	for _, l := range b.lines {
		at(l.request.Urgency).NeedLines++
	}
	for _, g := range plan.Gives {
		at(b.wants[b.problem.Pairs[g.Pair].Line].request.Urgency).Covered += b.share(g)
	}
	for i := range out { // sums of shares: what is whole is told as whole
		out[i].Covered = math.Round(out[i].Covered*1e6) / 1e6
	}
	return out
}

func (b *board) score(plan *planning.Plan) (sum float64) {
	for _, g := range plan.Gives {
		sum += b.share(g) * b.problem.Pairs[g.Pair].Score
	}
	return sum
}

// showPlan fills in what the plan's parts look like for the actor.
func (s *Service) showPlan(ctx context.Context, a access.Actor, b *board, plan *planning.Plan, items []*planned, v *PlanView) error {
	ids := make([]string, len(b.lines))
	for i, l := range b.lines {
		ids[i] = l.request.ID
	}
	slices.Sort(ids)
	views, err := s.requests.Views(ctx, a, slices.Compact(ids))
	if err != nil {
		return err
	}
	weighed := make([]Weighed, len(items))
	for i, it := range items {
		weighed[i] = it.weighed
	}
	candidates, err := s.shown(ctx, a, weighed)
	if err != nil {
		return err
	}
	given := map[*boardLine]int64{}
	for i, it := range items {
		l := b.wants[b.problem.Pairs[it.pair].Line].boardLine
		given[l] += it.weighed.Quantity.Value
		if r := views[l.request.ID]; r != nil { // hidden since it was read
			v.Items = append(v.Items, PlanItem{ServiceRequest: r, NeedLine: r.Line(l.line.ID), Candidate: candidates[i], Loss: it.loss})
		}
	}
	for _, l := range b.lines {
		if r := views[l.request.ID]; r != nil && given[l] < l.missing {
			v.Open = append(v.Open, PlanOpen{ServiceRequest: r, NeedLine: r.Line(l.line.ID), Missing: l.line.Need.Of(l.missing - given[l]), Fitting: l.fitting})
		}
	}
	return nil
}
