package policy

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/testkit"
)

func ptr[T any](v T) *T { return &v }

// Terms that cannot be calculated with, or that would turn distance around, are refused
// with the place of what is wrong.
func TestBadTermsAreRefused(t *testing.T) {
	t.Parallel()
	flat := Nearness{Community: 500, Town: 500, County: 500, City: 500, Farther: 500}
	for name, c := range map[string]struct {
		in   TermsInput
		want fault.Code
		rule string
		path string
	}{
		"one part":        {TermsInput{ResourceWeights: []Weight{{"EXPIRY", 1}}}, "", "", ""},
		"all that counts": {TermsInput{VolunteerWeights: []Weight{{"LOAD", 1000}, {"DISTANCE", 0}}}, "", "", ""},
		"flat":            {TermsInput{Nearness: &flat}, "", "", ""},
		"worth nothing":   {TermsInput{Unconfirmed: ptr(0)}, "", "", ""},
		"negative":        {TermsInput{ResourceWeights: []Weight{{"DISTANCE", 1}, {"EXPIRY", -1}}}, fault.CodeOutOfRange, "", "1"},
		"too much":        {TermsInput{ResourceWeights: []Weight{{"DISTANCE", 1001}}}, fault.CodeOutOfRange, "", "0"},
		"all zero":        {TermsInput{ResourceWeights: []Weight{{"DISTANCE", 0}, {"EXPIRY", 0}}}, fault.CodeInvalid, "WEIGHTS_SUM", "resourceWeights"},
		"none":            {TermsInput{VolunteerWeights: []Weight{}}, fault.CodeInvalid, "WEIGHTS_SUM", "volunteerWeights"},
		"unknown":         {TermsInput{ResourceWeights: []Weight{{"BEAUTY", 1}}}, fault.CodeCodeUnknown, "", "0"},
		"a hard rule":     {TermsInput{ResourceWeights: []Weight{{"CONFLICT", 1}}}, fault.CodeInvalid, "SOFT_PART", "0"},
		"of others":       {TermsInput{VolunteerWeights: []Weight{{"EXPIRY", 1}}}, fault.CodeInvalid, "SOFT_PART", "0"},
		"twice":           {TermsInput{ResourceWeights: []Weight{{"DISTANCE", 1}, {"DISTANCE", 2}}}, fault.CodeDuplicate, "", "1"},
		"turned around":   {TermsInput{Nearness: &Nearness{Community: 500, Town: 501}}, fault.CodeInvalid, "NEARER_SCORES_MORE", "town"},
		"below nothing":   {TermsInput{Nearness: &Nearness{Community: 500, Farther: -1}}, fault.CodeOutOfRange, "", "farther"},
		"worth more":      {TermsInput{Unconfirmed: ptr(1001)}, fault.CodeOutOfRange, "", "unconfirmed"},
	} {
		_, err := c.in.on(Standard)
		f, _ := fault.As(err)
		if c.want == "" {
			testkit.WantCode(t, err, "")
			continue
		}
		if fault.CodeOf(err) != c.want || (c.rule != "" && f.Params["rule"] != c.rule) || !slices.Contains(f.Path, c.path) {
			t.Errorf("%s: %v, want %s %s at %s", name, err, c.want, c.rule, c.path)
		}
	}
	if out, err := (*TermsInput)(nil).on(Standard); err != nil || out.Unconfirmed != Standard.Unconfirmed {
		t.Errorf("nothing changed: %+v, %v", out, err)
	}
}

// Only the proportions of weights matter: multiples have the very same shares, and shares
// make a whole.
func TestSharesAreThoseOfAnyMultiple(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var once, more []Weight
		by, total := rapid.IntRange(1, 50).Draw(t, "by"), 0
		for _, part := range ResourceParts {
			n := rapid.IntRange(0, 20).Draw(t, part)
			total += n
			once, more = append(once, Weight{part, n}), append(more, Weight{part, n * by})
		}
		if total == 0 {
			t.Skip("no weights")
		}
		slices.Reverse(more)
		a, b, sum := Shares(once, ResourceParts), Shares(more, ResourceParts), 0.0
		for _, x := range a {
			sum += x
		}
		if !slices.Equal(a, b) || sum < 1-1e-12 || sum > 1+1e-12 {
			t.Fatalf("%v and %v", a, b)
		}
	})
}
