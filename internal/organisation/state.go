package organisation

import (
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
)

// Admission is an organisation's standing on this platform.
type Admission string

// The standings.
const (
	Applied   Admission = "APPLIED"
	Verified  Admission = "VERIFIED"
	Admitted  Admission = "ADMITTED"
	Suspended Admission = "SUSPENDED"
	Barred    Admission = "BARRED"
)

// Admissions lists the standings.
var Admissions = []Admission{Applied, Verified, Admitted, Suspended, Barred}

// Credit is an organisation's standing with the authorities.
type Credit string

// The standings with the authorities (standards.md A8: MCA orders 60 and 77).
const (
	Normal         Credit = "NORMAL"
	AbnormalListed Credit = "ABNORMAL_LISTED"
	SeriousListed  Credit = "SERIOUS_LISTED"
	Deregistered   Credit = "DEREGISTERED"
	Revoked        Credit = "REVOKED"
	Banned         Credit = "BANNED"
	Unregistered   Credit = "UNREGISTERED"
)

// Credits lists the standings with the authorities.
var Credits = []Credit{Normal, AbnormalListed, SeriousListed, Deregistered, Revoked, Banned, Unregistered}

// Action is a step with an organisation, as allowedActions names it.
type Action string

// The steps.
const (
	ActChange       Action = "CHANGE"
	ActVerify       Action = "VERIFY"
	ActAdmit        Action = "ADMIT"
	ActSuspend      Action = "SUSPEND"
	ActBar          Action = "BAR"
	ActCreditRecord Action = "CREDIT_RECORD"
)

// steps is the one table of the organisation's life: from which standings a step
// may be taken, and to which it leads ("": the standing stays). A suspended one
// whose name changed is verified without being let back in.
var steps = []struct {
	act  Action
	from []Admission
	to   map[Admission]Admission
}{
	{ActChange, []Admission{Applied, Verified, Admitted, Suspended}, nil},
	{ActVerify, []Admission{Applied, Suspended}, map[Admission]Admission{Applied: Verified}},
	{ActAdmit, []Admission{Verified, Suspended}, map[Admission]Admission{Verified: Admitted, Suspended: Admitted}},
	{ActSuspend, []Admission{Admitted, Verified}, map[Admission]Admission{Admitted: Suspended, Verified: Suspended}},
	{ActBar, []Admission{Applied, Verified, Admitted, Suspended}, map[Admission]Admission{Applied: Barred, Verified: Barred, Admitted: Barred, Suspended: Barred}},
	{ActCreditRecord, Admissions, nil},
}

// open lists the steps that the standing allows; none of what is out of use.
func (o *Organisation) open() []Action {
	var out []Action
	for _, s := range steps {
		if o.Retired == nil && slices.Contains(s.from, o.Admission()) {
			out = append(out, s.act)
		}
	}
	return out
}

// allows reports whether the standing allows a step.
func (o *Organisation) allows(act Action) bool { return slices.Contains(o.open(), act) }

// move takes the standing where the step leads.
func (o *Organisation) move(act Action) {
	for _, s := range steps {
		if to := s.to[o.Admission()]; s.act == act && to != "" {
			o.Header.State = string(to)
			return
		}
	}
}

// refuse is TRANSITION_NOT_ALLOWED, naming the steps there are.
func (o *Organisation) refuse(allowed []Action) error {
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	return fault.New(fault.CodeTransition, fault.P("from", string(o.Admission())), fault.P("allowed", names))
}

// verify takes the papers as checked. SECOND_PERSON_REQUIRED for who entered them.
func (o *Organisation) verify(a access.Actor, evidence string, now time.Time) error {
	if a.ID == o.EnteredBy && !a.IsSystem() {
		return fault.New(fault.CodeSecondPersonRequired)
	}
	o.Papers = Papers{By: a.ID, At: now, Evidence: evidence}
	return nil
}

// admissible refuses one whose papers are unchecked since they changed, or against
// which something is published. SECOND_PERSON_REQUIRED for who checked the papers.
func (o *Organisation) admissible(a access.Actor) error {
	switch {
	case o.Papers.At.IsZero():
		return o.refuse(allowed(a, o))
	case a.ID == o.Papers.By && !a.IsSystem():
		return fault.New(fault.CodeSecondPersonRequired)
	}
	return o.creditworthy()
}

// recheck is what a change of what the papers say does: they no longer fit, a verified one
// is back at the start, an admitted one stops until both are done again.
func (o *Organisation) recheck(by string) {
	o.Papers, o.EnteredBy = Papers{}, by
	switch o.Admission() {
	case Verified:
		o.Header.State = string(Applied)
	case Admitted:
		o.Header.State = string(Suspended)
	case Applied, Suspended, Barred:
	}
}
