package claim_test

import (
	"context"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/claim"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

func pieces(n int64) measure.Quantity { return measure.Quantity{Value: n, Unit: measure.Piece} }

type world struct {
	*testkit.World
	claims      *claim.Service
	allocations *allocation.Service
	requests    *request.Service
	resources   *resource.Service
	matching    *matching.Service
	other       string // another admitted organisation
	theirs      string // what it offers
	survivor    string // a request to merge into
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.World = testkit.Open(t, func(tk *testkit.World) {
		policies := policy.New(tk.Core, tk.Divisions)
		volunteers := volunteer.New(tk.Core, tk.Divisions, tk.Communities, tk.Stations)
		w.requests = request.New(tk.Core, request.Nouns{
			Divisions: tk.Divisions, Communities: tk.Communities, Stations: tk.Stations, Workers: tk.Workers,
			Recipients: recipient.New(tk.Core, tk.Divisions, tk.Communities, tk.Stations, tk.Organisations), Volunteers: volunteers, Policies: policies,
		})
		w.resources = resource.New(tk.Core, tk.Divisions, tk.Organisations, tk.Stations)
		w.allocations = allocation.New(tk.Core, w.requests, w.resources)
		w.matching = matching.New(tk.Core, matching.Nouns{
			Requests: w.requests, Resources: w.resources, Organisations: tk.Organisations, Allocations: w.allocations, Divisions: tk.Divisions, Volunteers: volunteers, Policies: policies, Stations: tk.Stations,
		})
		w.claims = claim.New(tk.Core, w.requests, tk.Organisations, w.matching)
	})
	w.other = w.AddOrganisation(t, "唐山市另一助餐中心（示例）", "52130200MJ0000B26Q")
	return w
}

// rival is a partner of the other organisation.
func (w *world) rival() access.Actor {
	return testkit.As("rival", access.Grant{Role: access.Partner, Scope: w.other, Area: testkit.City})
}

// need is a request in matching with one line for n pieces; it answers with both ids.
func (w *world) need(t *testing.T, n int64, urgency request.Urgency, class access.Class) (req, line string) {
	t.Helper()
	a := w.System()
	v, _, err := w.requests.Draft(ctx, a, request.DraftInput{
		CommunityID: ptr(community.ID(testkit.Community1)), Category: "MEAL_DELIVERY", Title: "每日送餐",
		Window:    &measure.Window{From: testkit.Start.Add(24 * time.Hour), To: testkit.Start.Add(240 * time.Hour)},
		NeedLines: []request.LineInput{{Kind: request.KindGoods, Title: ptr("午餐"), Quantity: pieces(n)}},
	})
	testkit.WantCode(t, err, "")
	v, _, _, err = w.requests.Submit(ctx, a, request.SubmitInput{ServiceRequestID: v.ID, LawfulBasis: ptr("LEGAL_DUTY"), ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	v, _, err = w.requests.Triage(ctx, a, request.TriageInput{ServiceRequestID: v.ID, Urgency: urgency, Risk: request.RiskLow, Class: class, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	v, _, err = w.requests.Accept(ctx, a, request.AcceptInput{ServiceRequestID: v.ID, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	return v.ID, v.NeedLines[0].ID
}

// stock is a published resource of n pieces of the world's organisation.
func (w *world) stock(t *testing.T, owner string, n int64) string {
	t.Helper()
	v, _, err := w.resources.Create(ctx, w.System(), resource.Create{
		OwnerID: owner, Title: "午餐", Kind: resource.Goods, Category: "MEAL_DELIVERY", Quantity: pieces(n), AreaID: division.ID(testkit.Lunan),
	})
	testkit.WantCode(t, err, "")
	_, _, err = w.resources.Publish(ctx, w.System(), resource.Publish{CharityResourceID: v.ID, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	return v.ID
}

// hold proposes n pieces to a line and accepts: they are held for an hour.
func (w *world) hold(a access.Actor, line, res string, n int64) (*allocation.View, error) {
	p, _, err := w.matching.Propose(ctx, w.Coordinator(), matching.ProposeInput{NeedLineID: line, CharityResourceID: res, Quantity: pieces(n)})
	if err != nil {
		return nil, err
	}
	_, l, err := w.matching.Accept(ctx, a, matching.AcceptInput{MatchProposalID: p.ID, HoldFor: ptr(time.Hour), ExpectedVersion: p.Version})
	return l, err
}

func (w *world) make(a access.Actor, line, org string, n int64, takeOver bool) (*claim.View, error) {
	return w.claims.Make(ctx, a, claim.MakeInput{NeedLineID: line, OrganisationID: org, Quantity: pieces(n), TakeOver: takeOver})
}

// granted is a claim of the world's organisation that the station has granted.
func (w *world) granted(t *testing.T, line string, n int64) *claim.View {
	t.Helper()
	c, err := w.make(w.Partner(), line, w.Organisation, n, false)
	testkit.WantCode(t, err, "")
	c, err = w.claims.Grant(ctx, w.Coordinator(), claim.GrantInput{ClaimID: c.ID, ExpectedVersion: c.Version})
	testkit.WantCode(t, err, "")
	return c
}

// want compares a claim with what is expected of it, and its line with what it speaks for.
func (w *world) want(t *testing.T, id string, state claim.State, given, spoken int64, reason string) *claim.Claim {
	t.Helper()
	c, err := w.claims.Rows().Get(ctx, id)
	testkit.WantCode(t, err, "")
	r, err := w.requests.Load(ctx, c.Request)
	testkit.WantCode(t, err, "")
	l := r.Line(c.Line)
	if got := l.Claimed(w.Core.Time()); c.State() != state || c.Given != given || got != spoken || c.Reason != reason || (l.ClaimOf(id) != nil) != state.Open() {
		t.Fatalf("%s given %d speaks for %d (%s), line %+v; want %s, %d, %d, %s", c.State(), c.Given, got, c.Reason, l.Claims, state, given, spoken, reason)
	}
	return c
}

// bar keeps a request from an organisation.
func (w *world) bar(t *testing.T, req, organisation string) {
	t.Helper()
	testkit.WantCode(t, w.Core.DB.Tx(ctx, func(ctx context.Context) error {
		r, err := w.requests.Load(ctx, req)
		if err != nil {
			return err
		}
		r.Header.Barred = []string{organisation}
		return w.requests.Rows().Touch(ctx, r, usecase.Note(w.System(), "request.related", req, ""))
	}), "")
}

// screen keeps a request and all that belongs to it from these, as a conflict does.
func (w *world) screen(t *testing.T, req string, ids ...string) {
	t.Helper()
	testkit.WantCode(t, w.Core.DB.Tx(ctx, func(ctx context.Context) error {
		r, err := w.requests.Load(ctx, req)
		if err != nil {
			return err
		}
		return w.requests.Screen(ctx, w.Coordinator(), r, ids)
	}), "")
}
