package e2e

import (
	"context"
	"slices"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/assignment"
	"github.com/fivesociety/linkage/internal/claim"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
)

// all reads every row of a noun, unmasked.
func all[T any](ctx context.Context, rows *store.Collection[T]) (out []*T, err error) {
	err = rows.Each(ctx, store.Query{Where: store.All(), Sort: "created"}, func(t *T) error {
		out = append(out, t)
		return nil
	})
	return out, err
}

// family is a request with what belongs to it.
type family struct {
	request     *request.Request
	proposals   []*matching.Proposal
	claims      []*claim.Claim
	allocations []*allocation.Allocation
	assignments []*assignment.Assignment
}

func (e *env) families(ctx context.Context) (map[string]*family, error) {
	out := map[string]*family{}
	requests, err := all(ctx, e.Requests.Rows())
	if err != nil {
		return nil, err
	}
	for _, r := range requests {
		out[r.ID] = &family{request: r}
	}
	proposals, err := all(ctx, e.Matching.Rows())
	if err != nil {
		return nil, err
	}
	for _, p := range proposals {
		out[p.Request].proposals = append(out[p.Request].proposals, p)
	}
	claims, err := all(ctx, e.Claims.Rows())
	if err != nil {
		return nil, err
	}
	for _, c := range claims {
		out[c.Request].claims = append(out[c.Request].claims, c)
	}
	allocations, err := all(ctx, e.Allocations.Rows())
	if err != nil {
		return nil, err
	}
	for _, l := range allocations {
		out[l.Request].allocations = append(out[l.Request].allocations, l)
	}
	assignments, err := all(ctx, e.Assignments.Rows())
	for _, g := range assignments {
		out[g.Request].assignments = append(out[g.Request].assignments, g)
	}
	return out, err
}

// checkHeaders recomputes every access header from what it is made of and compares.
func (e *env) checkHeaders(t *testing.T) {
	t.Helper()
	families, err := e.families(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for id, f := range families {
		sameHeader(t, id, f.request.Header, f.header(t, e))
		for _, p := range f.proposals {
			h := f.child(p.Header.State, access.PartyOwner.Of(p.Owner))
			sameHeader(t, p.ID, p.Header, h)
		}
		for _, c := range f.claims {
			sameHeader(t, c.ID, c.Header, f.child(c.Header.State, access.PartyOwner.Of(c.Organisation)))
			known := f.request.Line(c.Line).ClaimOf(c.ID)
			if open := c.State().Open(); open != (known != nil) || open && known.Granted != (c.State() != claim.Pending) {
				t.Errorf("%s is %s, its line has it as %+v", c.ID, c.State(), known)
			}
		}
		for _, l := range f.allocations {
			h := f.child(l.Header.State, access.PartyOwner.Of(l.Owner))
			sameHeader(t, l.ID, l.Header, h)
		}
		for _, g := range f.assignments {
			parties := []string{access.PartySelf.Of(g.Volunteer)}
			if s := f.request.Header.Subject; s != "" {
				parties = append(parties, access.PartyRecipient.Of(s), access.PartyGuardian.Of(s))
			}
			sameHeader(t, g.ID, g.Header, f.child(g.Header.State, parties...))
		}
	}
}

// header is what the request's own should be: place from its community, the
// recipient's class or stricter, parties from who entered, leads, serves and supplies.
func (f *family) header(t *testing.T, e *env) access.Header {
	r := f.request
	h := access.Header{Station: r.Header.Station, State: r.Header.State, Subject: r.Header.Subject, Class: r.Header.Class, Barred: r.Header.Barred}
	if !r.SubmittedAt.IsZero() { // until then no station has it
		h.Place(r.Place)
		if r.Header.Station == "" {
			t.Errorf("%s: no station", r.ID)
		}
	}
	var parties []string
	for _, p := range r.Header.Parties { // who entered it stands nowhere else
		if len(p) > 8 && p[:8] == "creator:" {
			parties = append(parties, p)
		}
	}
	if h.Subject != "" {
		parties = append(parties, access.PartyRecipient.Of(h.Subject), access.PartyGuardian.Of(h.Subject))
		rcp, err := e.Recipients.Load(t.Context(), h.Subject)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Index(access.Classes, r.Header.Class) < slices.Index(access.Classes, rcp.Header.Class) {
			t.Errorf("%s: class %s of a recipient who is %s", r.ID, r.Header.Class, rcp.Header.Class)
		}
	}
	if r.Lead != "" {
		parties = append(parties, access.PartyLead.Of(r.Lead))
	}
	if x := r.Referral; x != nil {
		switch {
		case x.State == request.ReferralPending:
			parties = append(parties, access.PartyReferred.Of(x.To))
		case x.State == request.ReferralAccepted && r.Header.Station == x.To:
			parties = append(parties, access.PartyReferred.Of(x.From))
		}
	}
	h.Parties = append(parties, f.served()...)
	return h
}

// served are the parties that the children stand for.
func (f *family) served() (out []string) {
	for _, p := range f.proposals {
		if p.State() == matching.Proposed {
			out = append(out, access.PartyAsked.Of(p.Owner))
		}
	}
	for _, c := range f.claims {
		if c.State().Open() {
			out = append(out, access.PartyAsked.Of(c.Organisation))
		}
	}
	for _, l := range f.allocations {
		switch l.State() {
		case allocation.Released, allocation.Returned, allocation.Lost:
		case allocation.Settled: // their part is over, also of a request that goes on
			out = append(out, access.PartyServed.Of(l.Owner))
		default:
			out = append(out, f.part(access.PartySupply).Of(l.Owner))
		}
	}
	for _, g := range f.assignments {
		switch g.State() {
		case assignment.Offered:
			out = append(out, access.PartyAsked.Of(g.Volunteer))
		case assignment.Declined, assignment.NoShow, assignment.Released, assignment.Reassigned, assignment.Expired:
		case assignment.Verified:
			out = append(out, access.PartyServed.Of(g.Volunteer))
		default:
			out = append(out, f.part(access.PartyHelp).Of(g.Volunteer))
		}
	}
	return out
}

// part is what somebody is to the request while it goes on, and once it has ended.
func (f *family) part(p access.Party) access.Party {
	if f.request.State().Open() {
		return p
	}
	return access.PartyServed
}

// child is the header of something that belongs to the request.
func (f *family) child(state string, parties ...string) access.Header {
	h := f.request.Header
	h.State, h.Parties = state, parties
	if f.request.Lead != "" {
		h.Parties = append(h.Parties, access.PartyLead.Of(f.request.Lead))
	}
	return h
}

func sameHeader(t *testing.T, id string, got, want access.Header) {
	t.Helper()
	for i, v := range got.Values() {
		w := want.Values()[i]
		if list, ok := v.([]string); ok {
			v, w = sorted(list), sorted(w.([]string))
			if slices.Equal(v.([]string), w.([]string)) {
				continue
			}
		} else if v == w {
			continue
		}
		t.Errorf("%s: header field %s is %v, made from its parts it is %v", id, access.HeaderFields()[i].Name, v, w)
	}
}

func sorted(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}
