package policy

import (
	"slices"
	"strconv"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// The soft parts (codes of MATCH_RULE), in the order in which scores are added up; the
// first of each is the distance. A part that comes later stands behind the others: a policy
// that has no weight for it adds nothing, so that its scores stay the very same.
var (
	ResourceParts  = []string{"DISTANCE", "EXPIRY", "QUANTITY", "IDLE", "PAST_CONFIRMATION"}
	VolunteerParts = []string{"DISTANCE", "LOAD", "CONTINUITY", "PAIRING", "SKILL_FIT", "PAST_CONFIRMATION"}
)

// First of the parts of each are told with every score; the others by a policy that weighs
// them.
const (
	FirstResource  = 3
	FirstVolunteer = 2
)

// Most is the highest weight and the whole of what is told per mille.
const Most = 1000

// Terms are what a policy says. All are whole numbers: what is compared and shown is
// what was entered.
type Terms struct {
	Resources   []Weight `bson:"resources"`   // of each of ResourceParts, in their order
	Volunteers  []Weight `bson:"volunteers"`  // of each of VolunteerParts
	Nearness    Nearness `bson:"nearness"`    // what the distance scores
	Unconfirmed int      `bson:"unconfirmed"` // what the score of an offer is worth that was not confirmed lately, per mille
}

// Weight is how much a soft part counts beside the others: 0 to Most, 0 not at all. Only
// the proportions matter.
type Weight struct {
	Part   string `bson:"part"`
	Weight int    `bson:"weight"`
}

// Nearness is what the distance scores by the smallest division that two places share,
// per mille: never more from further away.
type Nearness struct {
	Community int `bson:"community"`
	Town      int `bson:"town"`
	County    int `bson:"county"`
	City      int `bson:"city"`
	Farther   int `bson:"farther"`
}

// levels are the scores, the nearest first.
func (n Nearness) levels() []int { return []int{n.Community, n.Town, n.County, n.City, n.Farther} }

// Standard is the built-in policy, which stands for the whole country.
var Standard = Terms{
	Resources:   []Weight{{"DISTANCE", 500}, {"EXPIRY", 200}, {"QUANTITY", 300}},
	Volunteers:  []Weight{{"DISTANCE", 600}, {"LOAD", 400}},
	Nearness:    Nearness{Community: 1000, Town: 800, County: 600, City: 400, Farther: 200},
	Unconfirmed: 800,
}

// StandardLabel names the built-in policy.
const StandardLabel = "2026-11"

// Shares are weights as parts of their sum, in the order of the parts; a part without a
// weight has none. They are the same for weights that are multiples of one another.
func Shares(weights []Weight, parts []string) []float64 {
	sum := 0
	for _, w := range weights {
		sum += w.Weight
	}
	out := make([]float64, len(parts))
	for _, w := range weights {
		if i := slices.Index(parts, w.Part); i >= 0 {
			out[i] = float64(w.Weight) / float64(sum)
		}
	}
	return out
}

// Scores are the scores of distance, the nearest first, 0 to 1.
func (n Nearness) Scores() (out [5]float64) {
	for i, v := range n.levels() {
		out[i] = float64(v) / Most
	}
	return out
}

// TermsInput changes terms; nil leaves as it is. A list of weights stands for the whole:
// a part that is not in it counts for nothing.
type TermsInput struct {
	ResourceWeights  []Weight
	VolunteerWeights []Weight
	Nearness         *Nearness
	Unconfirmed      *int
}

// on is the terms with the changes made.
func (in *TermsInput) on(t Terms) (Terms, error) {
	if in == nil {
		return t, nil
	}
	var err error
	if in.ResourceWeights != nil {
		if t.Resources, err = weights(in.ResourceWeights, ResourceParts, "resourceWeights"); err != nil {
			return t, err
		}
	}
	if in.VolunteerWeights != nil {
		if t.Volunteers, err = weights(in.VolunteerWeights, VolunteerParts, "volunteerWeights"); err != nil {
			return t, err
		}
	}
	if in.Nearness != nil {
		t.Nearness = *in.Nearness
		if err := t.Nearness.check(); err != nil {
			return t, err
		}
	}
	if in.Unconfirmed != nil {
		t.Unconfirmed = *in.Unconfirmed
		return t, perMille(t.Unconfirmed, "unconfirmed")
	}
	return t, nil
}

// weights checks a list and puts it into the order of the parts: CODE_UNKNOWN for what is
// no rule, INVALID (SOFT_PART) for one that is not weighed here, DUPLICATE for a part
// given twice, OUT_OF_RANGE, INVALID (WEIGHTS_SUM) when all are 0.
func weights(list []Weight, parts []string, field string) ([]Weight, error) {
	out := make([]Weight, len(parts))
	for i, p := range parts {
		out[i].Part = p
	}
	seen, sum := map[string]bool{}, 0
	for i, w := range list {
		at := []string{field, strconv.Itoa(i), "part"}
		if err := usecase.InList(codes.MatchRule, w.Part, under(at...)...); err != nil {
			return nil, err
		}
		k := slices.Index(parts, w.Part)
		switch {
		case k < 0:
			return nil, fault.New(fault.CodeInvalid, fault.At(under(at...)...), fault.P("rule", "SOFT_PART"), fault.P("parts", parts))
		case seen[w.Part]:
			return nil, fault.New(fault.CodeDuplicate, fault.At(under(at...)...), fault.P("field", "part"))
		}
		if err := perMille(w.Weight, field, strconv.Itoa(i), "weight"); err != nil {
			return nil, err
		}
		seen[w.Part], out[k].Weight, sum = true, w.Weight, sum+w.Weight
	}
	if sum == 0 {
		return nil, fault.New(fault.CodeInvalid, fault.At(under(field)...), fault.P("rule", "WEIGHTS_SUM"))
	}
	return out, nil
}

// check refuses scores out of range, and one that is higher from further away: INVALID
// (NEARER_SCORES_MORE).
func (n Nearness) check() error {
	names, before := []string{"community", "town", "county", "city", "farther"}, Most
	for i, v := range n.levels() {
		if err := perMille(v, "nearness", names[i]); err != nil {
			return err
		}
		if v > before {
			return fault.New(fault.CodeInvalid, fault.At(under("nearness", names[i])...), fault.P("rule", "NEARER_SCORES_MORE"))
		}
		before = v
	}
	return nil
}

func perMille(v int, path ...string) error {
	if v < 0 || v > Most {
		return fault.New(fault.CodeOutOfRange, fault.At(under(path...)...), fault.P("min", 0), fault.P("max", Most))
	}
	return nil
}

func under(path ...string) []string { return append([]string{"input", "terms"}, path...) }
