package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/rota"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// supply makes resources and volunteers in the towns of the county of a need.
type supply struct {
	*site
	rng   *rand.Rand
	like  *request.Request
	place string // of the need: a community
	towns int
	each  int      // communities a town
	made  []string // ids of those who may have served somebody: volunteers, owners
}

func supplied(t testing.TB, address string, towns, each int) *supply {
	t.Helper()
	s := &supply{site: open(t, address, 0), rng: rand.New(rand.NewPCG(5, 6)), towns: towns, each: each}
	var err error
	s.like, err = s.Requests.Load(t.Context(), s.ids["requests"]["r-parcel"])
	must(t, err)
	s.place = s.like.Place
	return s
}

// community is the code of some community of the need's county, the need's own first.
func (s *supply) community() string {
	town, code := s.rng.IntN(s.towns), s.place
	if town > 0 {
		code = fmt.Sprintf("%s9%02d", s.place[:6], town)
	}
	if n := s.rng.IntN(s.each); town+n > 0 {
		code = fmt.Sprintf("%s9%02d", code[:9], n)
	}
	return code
}

// insert writes rows in units of n, one after the other, so that times of entry differ.
func insert[T any](t testing.TB, s *supply, rows *store.Collection[T], n, unit int, made func() *T) {
	t.Helper()
	for n > 0 {
		must(t, s.Core.DB.Tx(t.Context(), func(ctx context.Context) error {
			for range min(n, unit) {
				if err := rows.Insert(ctx, made(), store.Note{}); err != nil {
					return err
				}
			}
			return nil
		}))
		n -= unit
		time.Sleep(2 * time.Millisecond) // another moment of entry
	}
}

func (s *supply) some(of ...string) []string {
	return slices.DeleteFunc(slices.Clone(of), func(string) bool { return s.rng.IntN(3) > 0 })
}

func (s *supply) window(now time.Time) *measure.Window {
	if s.rng.IntN(3) > 0 {
		return nil
	}
	from := now.Add(time.Duration(s.rng.IntN(300)-100) * time.Hour).Truncate(time.Hour)
	return &measure.Window{From: from, To: from.Add(time.Duration(1+s.rng.IntN(200)) * time.Hour)}
}

func (s *supply) volunteer() *volunteer.Volunteer {
	v := &volunteer.Volunteer{Head: store.Head{ID: s.Core.DB.NewBlindID("vol")}, Community: s.community(), Skills: s.some("COOKING", "DRIVING", "NURSING", "LAW"), Verified: true}
	v.Header.Class, v.Header.State = access.Restricted, string(volunteer.Active)
	if s.rng.IntN(20) == 0 {
		v.Header.State = string(volunteer.Paused)
	}
	v.Header.Place(v.Community)
	v.Private.Name, v.Private.BornOn = "志愿者", "1990-01-01"
	s.made = append(s.made, v.ID)
	if s.rng.IntN(2) == 0 {
		v.Hours = rota.Rota{{Day: []rota.Day{"MONDAY", "SATURDAY"}[s.rng.IntN(2)], From: "09:00", To: []string{"10:00", "12:00"}[s.rng.IntN(2)]}}
	}
	return v
}

func (s *supply) resource() *resource.Resource {
	now := s.Core.Time()
	area := s.community()
	area = area[:[]int{12, 12, 12, 9, 9, 6, 4, 2}[s.rng.IntN(8)]]
	if s.rng.IntN(5) == 0 && len(area) > 4 { // of another county
		area = area[:4] + "81" + area[6:]
	}
	r := &resource.Resource{
		Head: store.Head{ID: s.Core.DB.NewID("res")}, Title: "物资", Kind: resource.Goods, Category: s.like.Lines[0].Category, Owner: s.ids["organisations"][[]string{"kitchen", "aid"}[len(area)/6%2]],
		Total: measure.Quantity{Value: int64(1 + s.rng.IntN(6)), Unit: s.like.Lines[0].Need.Unit}, Minimum: int64(s.rng.IntN(3)), Window: s.window(now), Area: area,
	}
	if s.rng.IntN(2) == 0 {
		r.ExpiresAt = now.Add(time.Duration(s.rng.IntN(100*24)-48) * time.Hour)
	}
	if s.rng.IntN(4) == 0 {
		r.Eligibility = []string{"OTHER"}
	}
	r.Header.Class, r.Header.State = access.Public, string(resource.Published)
	r.Header.Place(area)
	return r
}

// served makes n requests that somebody has served, most of them confirmed.
func (s *supply) served(t testing.TB, n int) {
	t.Helper()
	var out []*request.Request
	for i := range n {
		r := s.need(s.like, s.like.Header.Station)
		r.Header.State, r.Confirmed = string(request.Closed), &request.Confirmation{By: "RECIPIENT", At: s.Core.Time()}
		if i%3 == 0 {
			r.Header.State, r.Confirmed, r.Disputed = string(request.Delivered), nil, true
		}
		for _, id := range []string{s.made[s.rng.IntN(len(s.made))], s.ids["organisations"]["aid"]} {
			r.Header.Relate(access.PartyServed, id)
		}
		out = append(out, r)
	}
	must(t, s.insert(t.Context(), out))
}

// line is a request with one line: of goods, or of hours that want some skills.
func (s *supply) line(t testing.TB, kind request.Kind, skills ...string) string {
	t.Helper()
	r := s.need(s.like, s.like.Header.Station)
	l := &r.Lines[0]
	l.Need.Value, l.Window, l.Promises = int64(1+s.rng.IntN(4)), nil, nil
	if l.Kind = kind; kind == request.KindHours {
		l.Need, l.Skills = measure.Quantity{Value: 60, Unit: measure.Minute}, skills
	}
	if w := s.window(s.Core.Time()); w != nil && w.To.After(s.Core.Time()) {
		l.Window = w
	}
	must(t, s.insert(t.Context(), []*request.Request{r}))
	return l.ID
}

// shown is what an answer says of each of a list, in order.
func shown(list []matching.CandidateView) (out []string) {
	for _, c := range list {
		id := ""
		if c.Volunteer != nil {
			id = c.Volunteer.ID
		} else {
			id = c.CharityResource.ID
		}
		said := fmt.Sprintf("%s %.6f", id, c.Score)
		for _, f := range c.Failures {
			said += " " + f.Rule.ID
		}
		out = append(out, said)
	}
	return out
}

// TestTheFewAreTheBestOfAll: what Candidates finds by walking a part of the supply is
// what weighing all of it finds, in the same order, on both stores.
func TestTheFewAreTheBestOfAll(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func() string{
		"sqlite": func() string { return embedded(t) },
		"mongo":  func() string { return mongotest.URI(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := supplied(t, address(), 2, 2)
			insert(t, s, s.Volunteers.Rows(), 400, 50, s.volunteer)
			insert(t, s, s.Resources.Rows(), 800, 90, s.resource)
			s.served(t, 400)
			at := s.Core.Time() // what goes off soon scores more by the day: both have to look at one moment
			s.Core.Now = func() time.Time { return at }
			actor := access.System("test")
			less, rates := map[request.Kind]int{}, map[float64]bool{}
			for i := range 24 {
				if i == 12 { // and so by another policy, that knows no difference between near and nearest
					s.flatten(t)
				}
				kind := request.KindGoods
				if i%2 == 0 {
					kind = request.KindHours
				}
				line, best, misses := s.line(t, kind, s.some("COOKING", "DRIVING", "LAW")...), s.rng.IntN(30), s.rng.IntN(30)
				few, err := s.Matching.Candidates(t.Context(), actor, line, best, misses)
				must(t, err)
				all, err := s.Matching.CandidatesOfAll(t.Context(), actor, line, best, misses)
				must(t, err)
				if !slices.Equal(shown(few.Candidates), shown(all.Candidates)) || !slices.Equal(shown(few.NearMisses), shown(all.NearMisses)) {
					t.Fatalf("%s, %d and %d:\n%q\n%q\nnot\n%q\n%q", kind, best, misses, shown(few.Candidates), shown(few.NearMisses), shown(all.Candidates), shown(all.NearMisses))
				}
				if (few.Policy == "flat") != (i >= 12) {
					t.Fatalf("line %d is judged by %s", i, few.Policy)
				}
				for _, c := range append(all.Candidates, all.NearMisses...) {
					for _, x := range c.Reasons {
						if x.Rule.ID == "PAST_CONFIRMATION" {
							rates[*x.Score] = true
						}
					}
				}
				if all.Weighed < 100 {
					t.Fatalf("of %s only %d were weighed in all", kind, all.Weighed)
				}
				if few.Weighed < all.Weighed {
					less[kind]++
				}
			}
			if less[request.KindGoods] < 3 || less[request.KindHours] < 3 {
				t.Errorf("less was weighed only %v times", less)
			}
			if len(rates) < 4 {
				t.Errorf("past confirmation scored only %v", rates)
			}
		})
	}
}

// flatten puts a policy into force for which all that is within a town is as near, and all
// beyond as far; it weighs parts that the built-in one does not.
func (s *site) flatten(t *testing.T) {
	t.Helper()
	v, _, err := s.Policies.Draft(t.Context(), access.System("test"), policy.DraftInput{DivisionID: "div_130000000000", Label: "flat", Terms: &policy.TermsInput{
		ResourceWeights:  []policy.Weight{{Part: "DISTANCE", Weight: 3}, {Part: "QUANTITY", Weight: 7}, {Part: "IDLE", Weight: 2}, {Part: "PAST_CONFIRMATION", Weight: 4}},
		VolunteerWeights: []policy.Weight{{Part: "DISTANCE", Weight: 3}, {Part: "CONTINUITY", Weight: 1}, {Part: "SKILL_FIT", Weight: 2}, {Part: "PAST_CONFIRMATION", Weight: 3}},
		Nearness:         &policy.Nearness{Community: 700, Town: 700, County: 300, City: 300, Farther: 300},
	}})
	must(t, err)
	_, err = s.Policies.Activate(t.Context(), access.System("test"), policy.ActivateInput{MatchingPolicyID: v.ID, ExpectedVersion: v.Version})
	must(t, err)
}

// supplies is how many resources and volunteers there are in the county and around.
const supplies = 100_000

// BenchmarkCandidates is the best 20 and the nearest 20 misses among 100,000 resources
// and 100,000 volunteers, of which all could be weighed: 20 towns of 10 communities.
func BenchmarkCandidates(b *testing.B) {
	direct := map[request.Kind]float64{}
	for _, e := range engines[:2] {
		b.Run(e.name, func(b *testing.B) {
			s := supplied(b, e.address(b), 20, 10)
			insert(b, s, s.Volunteers.Rows(), supplies, perUnit, s.volunteer)
			insert(b, s, s.Resources.Rows(), supplies, perUnit, s.resource)
			actor := access.System("bench")
			for _, kind := range []request.Kind{request.KindGoods, request.KindHours} {
				b.Run(string(kind), func(b *testing.B) {
					var lines []string
					for range 10 {
						lines = append(lines, s.line(b, kind, "COOKING"))
					}
					all := timed(b, func() error {
						_, err := s.Matching.CandidatesOfAll(b.Context(), actor, lines[0], 20, 20)
						return err
					})
					var took []time.Duration
					weighed := 0
					for i := 0; b.Loop(); i++ {
						took = append(took, timed(b, func() error {
							v, err := s.Matching.Candidates(b.Context(), actor, lines[i%len(lines)], 20, 20)
							weighed += v.Weighed
							return err
						}))
					}
					p50 := millis(at(took, 0.5))
					b.ReportMetric(p50, "p50-ms")
					b.ReportMetric(millis(at(took, 0.95)), "p95-ms")
					b.ReportMetric(float64(weighed)/float64(len(took)), "weighed")
					b.ReportMetric(millis(all)/p50, "all/few")
					if e.name == "sqlite" {
						direct[kind] = p50
					} else {
						b.ReportMetric(p50/direct[kind], "to-sqlite")
					}
				})
			}
		})
	}
}
