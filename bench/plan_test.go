package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
)

// BenchmarkPlan is matchPlan for a station's board of 1,000 need lines beside 1,000
// resources and 1,000 volunteers: reading, judging every pair, planning, and what the
// answer shows; beside a plan of a tenth of the board.
func BenchmarkPlan(b *testing.B) {
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			s := open(b, e.address(b), 0)
			small, large := s.planned(b, "wenhua", 100, 0), s.planned(b, "qiaotun", 1000, 1000)
			var took, part []time.Duration
			var plan *matching.PlanView
			for b.Loop() {
				for range rounds {
					took = append(took, timed(b, func() (err error) {
						plan, err = s.Matching.Plan(b.Context(), s.actor(b, "coordinator"), matching.PlanInput{StationID: large})
						return err
					}))
					part = append(part, timed(b, func() error {
						_, err := s.Matching.Plan(b.Context(), s.actor(b, "coordinator-wenhua"), matching.PlanInput{StationID: small})
						return err
					}))
				}
			}
			b.ReportMetric(millis(at(took, 0.5)), "ms")
			b.ReportMetric(float64(at(took, 0.5))/float64(at(part, 0.5)), "x-a-tenth")
			b.ReportMetric(100*plan.Gap, "%gap")
			b.ReportMetric(float64(plan.NeedLines), "lines")
			b.ReportMetric(float64(plan.Supplies), "supplies")
			b.ReportMetric(float64(len(plan.Items)), "items")
		})
	}
}

// planned fills a station's board with lines, half of them of hours, and adds as many
// resources and as many volunteers as are told.
func (s *site) planned(b *testing.B, station string, lines, supplies int) string {
	b.Helper()
	rng := rand.New(rand.NewPCG(5, 6))
	categories := []string{"MEAL_DELIVERY", "HARDSHIP_RELIEF", "ASSISTIVE_DEVICE", "PSYCHOLOGICAL_SUPPORT"}
	skills := []string{"COOKING", "DRIVING", "COMPANIONSHIP", "TEACHING"}
	monday := time.Now().UTC().Truncate(24 * time.Hour).Add(7 * 24 * time.Hour)
	needs := make([]*request.Request, 0, lines/2)
	like, err := s.Requests.Load(b.Context(), s.ids["requests"]["r-parcel"])
	must(b, err)
	for i := range lines / 2 {
		r := s.need(like, s.ids["stations"][station])
		r.Urgency = []request.Urgency{request.Normal, request.Normal, request.Normal, request.High, request.Urgent}[rng.IntN(5)]
		r.Lines[0].Category, r.Lines[0].Need.Value = categories[i%len(categories)], 1+rng.Int64N(5)
		from := monday.Add(time.Duration(rng.IntN(5*24)) * time.Hour)
		hours := r.Lines[0]
		hours.ID, hours.Kind, hours.Skills = s.Core.DB.NewID("nl"), request.KindHours, []string{skills[i%len(skills)]}
		hours.Need = measure.Quantity{Value: 60 * (1 + rng.Int64N(3)), Unit: measure.Minute}
		hours.Window = &measure.Window{From: from, To: from.Add(time.Duration(hours.Need.Value+60*rng.Int64N(3)) * time.Minute)}
		r.Lines = append(r.Lines, hours)
		needs = append(needs, r)
	}
	for unit := range slices.Chunk(needs, perUnit) {
		must(b, s.insert(b.Context(), unit))
	}
	res, err := s.Resources.Load(b.Context(), s.ids["resources"]["parcels"])
	must(b, err)
	vol, err := s.Volunteers.Load(b.Context(), s.ids["volunteers"]["zhou"])
	must(b, err)
	for chunk := range slices.Chunk(make([]struct{}, supplies), perUnit) {
		must(b, s.Core.DB.Tx(b.Context(), func(ctx context.Context) error {
			for i := range chunk {
				r, v := *res, *vol
				r.ID, r.Category, r.Total.Value, r.Holds = s.Core.DB.NewID("res"), categories[i%len(categories)], 1+rng.Int64N(6), []resource.Hold{}
				r.Header.State = string(resource.Published)
				v.ID, v.Private.Number, v.Skills = s.Core.DB.NewID("vol"), fmt.Sprintf("1302039%011d", rng.IntN(1e10)), []string{skills[i%len(skills)], skills[rng.IntN(len(skills))]}
				if err := s.Resources.Rows().Insert(ctx, &r, store.Note{}); err != nil {
					return err
				}
				if err := s.Volunteers.Rows().Insert(ctx, &v, store.Note{}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	return s.ids["stations"][station]
}
