package matching

import (
	"strconv"
	"time"

	"github.com/fivesociety/linkage/internal/policy"
)

// soft is a soft part of a score: how much it scores, 0 to 1, and what was found, which is
// asked only where it is told.
type soft[P any] struct {
	rule  string
	score func(P) float64
	found func(P) string
}

// The parts, in the order of policy.ResourceParts and policy.VolunteerParts.
var (
	stockParts = []soft[pair]{
		{"DISTANCE", first(pair.distance), second(pair.distance)},
		{"EXPIRY", pair.freshness, pair.goesOff},
		{"QUANTITY", pair.fill, pair.filled},
		{"IDLE", pair.idle, pair.idled},
		{"PAST_CONFIRMATION", func(p pair) float64 { return p.record.rate() }, func(p pair) string { return p.record.said() }},
	}
	peopleParts = []soft[helper]{
		{"DISTANCE", first(helper.distance), second(helper.distance)},
		{"LOAD", helper.load, helper.loaded},
		{"CONTINUITY", func(h helper) float64 { return often(h.helped()) }, func(h helper) string { return strconv.Itoa(h.helped()) }},
		{"PAIRING", func(h helper) float64 { return often(h.paired()) }, func(h helper) string { return strconv.Itoa(h.paired()) }},
		{"SKILL_FIT", helper.versatile, helper.beyond},
		{"PAST_CONFIRMATION", func(h helper) float64 { return h.record.rate() }, func(h helper) string { return h.record.said() }},
	}
)

func first[P any](fn func(P) (float64, string)) func(P) float64 {
	return func(p P) float64 {
		score, _ := fn(p)
		return score
	}
}

func second[P any](fn func(P) (float64, string)) func(P) string {
	return func(p P) string {
		_, found := fn(p)
		return found
	}
}

// total adds the parts up by their shares. Those behind the first ones are asked only by a
// policy that weighs them.
func total[P any](parts []soft[P], shares []float64, always int, p P) (sum float64) {
	for i, s := range parts {
		if i < always || shares[i] > 0 {
			sum += shares[i] * s.score(p)
		}
	}
	return sum
}

// told is what a total is made of.
func told[P any](parts []soft[P], shares []float64, always int, p P) (out []Reason) {
	for i, s := range parts {
		if i < always || shares[i] > 0 {
			score := s.score(p)
			out = append(out, Reason{Rule: s.rule, Score: &score, Detail: s.found(p)})
		}
	}
	return out
}

// score is what the resource scores for the line.
func (p pair) score() float64 {
	sum := total(stockParts, p.by.resource, policy.FirstResource, p)
	if p.stale {
		sum *= p.by.unconfirmed
	}
	return sum
}

// scores tell what the score is made of.
func (p pair) scores() []Reason {
	out := told(stockParts, p.by.resource, policy.FirstResource, p)
	if p.stale {
		none := 0.0
		out = append(out, Reason{Rule: "CONFIRMED", Score: &none})
	}
	return out
}

// score is what the volunteer scores for the line.
func (h helper) score() float64 {
	return total(peopleParts, h.by.volunteer, policy.FirstVolunteer, h)
}

// scores tell what the score is made of.
func (h helper) scores() []Reason {
	return told(peopleParts, h.by.volunteer, policy.FirstVolunteer, h)
}

// day is a date as it is told; "" for none.
func day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.DateOnly)
}
