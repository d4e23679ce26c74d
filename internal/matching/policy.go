package matching

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
)

// Reason is one rule of the policy applied to one pair. Rules without a score only
// have to hold.
type Reason struct {
	Rule   string   `bson:"rule"` // code of MATCH_RULE
	Score  *float64 `bson:"score"`
	Detail string   `bson:"detail"`
}

// pair is what the policy judges.
type pair struct {
	request  *request.Request
	line     *request.Line
	resource *resource.Resource
	owner    *organisation.Organisation
	quantity measure.Quantity
	window   *measure.Window
	group    string // of the recipient; "" for a community's own need
	now      time.Time
	at       time.Time // when it could begin, where its capacity is by period; zero for when it is wanted
	served   bool      // the recipient has been given of the resource before
	record   record    // of the owner; zero where nobody asks
	stale    bool      // the owner has not confirmed the offer lately
	anyone   bool      // as if the owner took every recipient: who looks does not see which it is
	by       *rates
}

// judge applies the hard rules in order, then scores. The first hard rule that
// does not hold is the error; its path names the input field that could mend it.
func (p pair) judge() ([]Reason, float64, error) {
	var reasons []Reason
	for _, rule := range []func() (Reason, error){p.kind, p.unit, p.amount, p.area, p.time, p.expiry, p.eligible, p.capacity, p.credit, p.conflict} {
		r, err := rule()
		if err != nil {
			return nil, 0, err
		}
		reasons = append(reasons, r)
	}
	return append(reasons, p.scores()...), p.score(), nil
}

func unfit(rule string, field ...string) error {
	return fault.New(fault.CodeInvalid, fault.At(append([]string{"input"}, field...)...), fault.P("rule", rule))
}

func (p pair) kind() (Reason, error) {
	if string(p.line.Kind) != string(p.resource.Kind) || (p.resource.Category != "" && p.resource.Category != p.line.Category) {
		return Reason{}, unfit("KIND", "charityResourceId")
	}
	return Reason{Rule: "KIND", Detail: string(p.line.Kind)}, nil
}

func (p pair) unit() (Reason, error) {
	if err := p.quantity.Same(p.line.Need.Unit, "input", "quantity"); err != nil {
		return Reason{}, err
	}
	if err := p.quantity.Same(p.resource.Unit(), "input", "quantity"); err != nil {
		return Reason{}, err
	}
	return Reason{Rule: "UNIT", Detail: string(p.quantity.Unit)}, nil
}

// amount: no more than the line misses and the resource has free.
func (p pair) amount() (Reason, error) {
	if missing := p.line.Missing(p.now); p.quantity.Value > missing {
		return Reason{}, fault.New(fault.CodeOutOfRange, fault.At("input", "quantity", "value"), fault.P("min", 1), fault.P("max", missing))
	}
	free := p.free()
	if p.resource.Kind != resource.Venue && p.quantity.Value > free {
		return Reason{}, fault.New(fault.CodeStockShort, fault.At("input", "quantity", "value"), fault.P("free", free), fault.P("wanted", p.quantity.Value))
	}
	return Reason{Rule: "QUANTITY", Detail: fmt.Sprintf("%d ≥ %d", free, p.quantity.Value)}, nil
}

func (p pair) area() (Reason, error) {
	if !slices.ContainsFunc(p.resource.Areas(), func(area string) bool { return strings.HasPrefix(p.request.Place, area) }) {
		return Reason{}, unfit("AREA", "charityResourceId")
	}
	return Reason{Rule: "AREA", Detail: strings.Join(p.resource.Areas(), " ")}, nil
}

// time: a proposed window lies within the line's; a venue needs one.
func (p pair) time() (Reason, error) {
	wanted := p.line.WindowOr(p.request)
	if p.resource.Kind == resource.Venue && p.window == nil {
		return Reason{}, fault.New(fault.CodeRequired, fault.At("input", "window"))
	}
	if p.window != nil && wanted != nil && !wanted.Covers(*p.window) {
		return Reason{}, unfit("WINDOW", "window")
	}
	return Reason{Rule: "WINDOW"}, nil
}

// expiry: goods must still be good when they are wanted.
func (p pair) expiry() (Reason, error) {
	at := p.begins()
	if ends := p.resource.ExpiresAt; !ends.IsZero() && !at.Before(ends) {
		return Reason{}, unfit("EXPIRY", "charityResourceId")
	}
	if p.resource.Per == "" && p.resource.FreeAt(at, p.now) < p.least() && p.resource.Free(p.now) >= p.least() {
		return Reason{}, unfit("EXPIRY", "charityResourceId")
	}
	return Reason{Rule: "EXPIRY", Detail: day(p.resource.GoesOff(at))}, nil
}

// begins is when what is proposed is needed.
func (p pair) begins() time.Time {
	if !p.at.IsZero() {
		return p.at
	}
	if p.resource.Kind == resource.Venue { // when in the wanted window it is, the slot says
		return begins(nil, p.line.WindowOr(p.request), p.now)
	}
	return begins(p.window, p.line.WindowOr(p.request), p.now)
}

func begins(proposed, wanted *measure.Window, now time.Time) time.Time {
	if proposed != nil {
		wanted = proposed
	}
	return earliest(wanted, now)
}

// free is what may be given to the need. Where all that is left goes off before, it is
// that: a question of time, which the rule of expiry asks.
func (p pair) free() int64 {
	free := p.resource.FreeAt(p.begins(), p.now)
	if free >= p.least() || p.resource.Per != "" {
		return free
	}
	return p.resource.Free(p.now)
}

func (p pair) credit() (Reason, error) {
	if err := p.owner.CanTakePart(); err != nil {
		return Reason{}, fault.Under(err, "input", "charityResourceId")
	}
	return Reason{Rule: "ORG_CREDIT"}, nil
}

// conflict: who is barred from the request never appears beside it, and learns no
// more than that the pair does not fit.
func (p pair) conflict() (Reason, error) {
	if slices.Contains(p.request.Header.Barred, p.resource.Owner) {
		return Reason{}, unfit("ELIGIBILITY", "charityResourceId")
	}
	return Reason{Rule: "CONFLICT"}, nil
}

// eligible: the resource is meant for recipients of this group, or for all.
func (p pair) eligible() (Reason, error) {
	if !p.anyone && !p.resource.Serves(p.group) {
		return Reason{}, unfit("ELIGIBILITY", "charityResourceId")
	}
	return Reason{Rule: "ELIGIBILITY"}, nil
}

// capacity: the owner takes on the recipient.
func (p pair) capacity() (Reason, error) {
	if !p.resource.TakesOn(p.served || p.anyone) {
		return Reason{}, unfit("CAPACITY", "charityResourceId")
	}
	return Reason{Rule: "CAPACITY", Detail: string(p.resource.Capacity())}, nil
}

// distance is by division until places are matched: of the areas that are served the
// nearest counts.
func (p pair) distance() (best float64, detail string) {
	best, detail = p.by.nearness("", p.request.Place)
	for _, area := range p.resource.Areas() {
		if score, shared := p.by.nearness(area, p.request.Place); len(shared) > len(detail) {
			best, detail = score, shared
		}
	}
	return best, detail
}

// freshness prefers what expires first: within a month 1, later or never less.
func (p pair) freshness() float64 {
	ends := p.resource.GoesOff(p.begins())
	if ends.IsZero() {
		return 0.5
	}
	days := ends.Sub(p.now).Hours() / 24
	return 1 / (1 + max(0, days-30)/30)
}

func (p pair) goesOff() string { return day(p.resource.GoesOff(p.begins())) }

// idle prefers what lies unused: the part of it that is free. Of a room, whose times are
// booked one by one, it says nothing.
func (p pair) idle() float64 {
	free, total := p.lies()
	if total == 0 {
		return 0.5
	}
	return float64(free) / float64(total)
}

func (p pair) idled() string {
	free, total := p.lies()
	if total == 0 {
		return ""
	}
	return fmt.Sprintf("%d / %d", free, total)
}

// lies is how much of all of a stock is free; of a room nothing of nothing.
func (p pair) lies() (free, total int64) {
	if total = p.resource.Total.Value; p.resource.Kind == resource.Venue || total < 1 {
		return 0, 0
	}
	return min(max(0, p.free()), total), total
}

// fill prefers a proposal that covers all that is missing.
func (p pair) fill() float64 { return float64(p.quantity.Value) / float64(p.missing()) }

func (p pair) filled() string { return fmt.Sprintf("%d / %d", p.quantity.Value, p.missing()) }

func (p pair) missing() int64 { return max(1, p.line.Missing(p.now)) }
