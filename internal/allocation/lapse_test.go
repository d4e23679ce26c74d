package allocation_test

import (
	"context"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/volunteer"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

func pieces(n int64) measure.Quantity { return measure.Quantity{Value: n, Unit: measure.Piece} }

type world struct {
	*testkit.World
	*allocation.Service
	recipients *recipient.Service
	requests   *request.Service
	resources  *resource.Service
	matching   *matching.Service
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.World = testkit.Open(t, func(tk *testkit.World) {
		volunteers := volunteer.New(tk.Core, tk.Divisions, tk.Communities, tk.Stations)
		w.recipients = recipient.New(tk.Core, tk.Divisions, tk.Communities, tk.Stations, tk.Organisations)
		policies := policy.New(tk.Core, tk.Divisions)
		w.requests = request.New(tk.Core, request.Nouns{
			Divisions: tk.Divisions, Communities: tk.Communities, Stations: tk.Stations, Workers: tk.Workers,
			Recipients: w.recipients,
			Volunteers: volunteers, Policies: policies,
		})
		w.resources = resource.New(tk.Core, tk.Divisions, tk.Organisations, tk.Stations)
		w.Service = allocation.New(tk.Core, w.requests, w.resources)
		w.matching = matching.New(tk.Core, matching.Nouns{
			Requests: w.requests, Resources: w.resources, Organisations: tk.Organisations, Allocations: w.Service, Divisions: tk.Divisions, Volunteers: volunteers, Policies: policies, Stations: tk.Stations,
		})
	})
	return w
}

// need is a request in matching with one line for n pieces; it answers with the line's id.
func (w *world) need(t *testing.T, n int64) (req, line string) {
	t.Helper()
	return w.needOf(t, nil, access.Restricted, n)
}

// person is a new recipient.
func (w *world) person(t *testing.T) *string {
	t.Helper()
	v, _, err := w.recipients.Register(ctx, w.System(), recipient.Register{
		Name: "欧阳桂兰", Category: "ELDERLY", Class: access.Restricted, CommunityID: community.ID(testkit.Community1),
	})
	testkit.WantCode(t, err, "")
	return &v.ID
}

// needOf is a need of a person, or of their community if it is nobody's.
func (w *world) needOf(t *testing.T, person *string, class access.Class, n int64) (req, line string) {
	t.Helper()
	a, here := w.System(), ptr(community.ID(testkit.Community1))
	if person != nil {
		here = nil
	}
	v, _, err := w.requests.Draft(ctx, a, request.DraftInput{
		RecipientID: person, CommunityID: here, Category: "MEAL_DELIVERY", Title: "每日送餐",
		Window:    &measure.Window{From: testkit.Start.Add(24 * time.Hour), To: testkit.Start.Add(240 * time.Hour)},
		NeedLines: []request.LineInput{{Kind: request.KindGoods, Title: ptr("午餐"), Quantity: pieces(n)}},
	})
	testkit.WantCode(t, err, "")
	v, _, _, err = w.requests.Submit(ctx, a, request.SubmitInput{ServiceRequestID: v.ID, LawfulBasis: ptr("LEGAL_DUTY"), ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	v, _, err = w.requests.Triage(ctx, a, request.TriageInput{
		ServiceRequestID: v.ID, Urgency: request.Normal, Risk: request.RiskLow, Class: class, ExpectedVersion: v.Version,
	})
	testkit.WantCode(t, err, "")
	v, _, err = w.requests.Accept(ctx, a, request.AcceptInput{ServiceRequestID: v.ID, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	return v.ID, v.NeedLines[0].ID
}

// stock is a published resource of n pieces.
func (w *world) stock(t *testing.T, n int64) string {
	t.Helper()
	v, _, err := w.resources.Create(ctx, w.System(), resource.Create{
		OwnerID: w.Organisation, Title: "午餐", Kind: resource.Goods, Category: "MEAL_DELIVERY", Quantity: pieces(n), AreaID: division.ID(testkit.Lunan),
	})
	testkit.WantCode(t, err, "")
	_, _, err = w.resources.Publish(ctx, w.System(), resource.Publish{CharityResourceID: v.ID, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	return v.ID
}

// propose puts n pieces to a line.
func (w *world) propose(t *testing.T, line, res string, n int64) *matching.View {
	t.Helper()
	p, _, err := w.matching.Propose(ctx, w.Coordinator(), matching.ProposeInput{NeedLineID: line, CharityResourceID: res, Quantity: pieces(n)})
	testkit.WantCode(t, err, "")
	return p
}

// hold proposes and accepts: n pieces are held for an hour.
func (w *world) hold(t *testing.T, line, res string, n int64) *allocation.View {
	t.Helper()
	p := w.propose(t, line, res, n)
	_, l, err := w.matching.Accept(ctx, w.Partner(), matching.AcceptInput{MatchProposalID: p.ID, HoldFor: ptr(time.Hour), ExpectedVersion: p.Version})
	testkit.WantCode(t, err, "")
	return l
}

func (w *world) commit(l *allocation.View) error {
	_, _, err := w.Commit(ctx, w.Coordinator(), allocation.StepInput{AllocationID: l.ID, ExpectedVersion: l.Version})
	return err
}

// want compares what the books say of a request and a resource.
func (w *world) want(t *testing.T, req, res string, state request.State, missing, held, free int64) {
	t.Helper()
	r, err := w.requests.Load(ctx, req)
	testkit.WantCode(t, err, "")
	c, err := w.resources.Load(ctx, res)
	testkit.WantCode(t, err, "")
	now := w.Core.Time()
	if got := r.Lines[0].Missing(now); r.State() != state || got != missing || c.Held(now) != held || c.Free(now) != free {
		t.Fatalf("request %s misses %d, held %d, free %d; want %s, %d, %d, %d", r.State(), got, c.Held(now), c.Free(now), state, missing, held, free)
	}
}

func TestALapsedHoldIsReleasedByTheTimer(t *testing.T) {
	t.Parallel()
	w := open(t)
	req, line := w.need(t, 7)
	res := w.stock(t, 10)
	l := w.hold(t, line, res, 7)
	w.want(t, req, res, request.Arranged, 0, 7, 3)
	if n, err := w.Lapse(ctx, w.System()); n != 0 || err != nil {
		t.Fatalf("%d released early, %v", n, err)
	}
	w.Clock.Advance(time.Hour)
	if n, err := w.Lapse(ctx, w.System()); n != 1 || err != nil {
		t.Fatalf("%d released, %v", n, err)
	}
	w.want(t, req, res, request.Matching, 7, 0, 10)
	v, err := w.Get(ctx, w.Coordinator(), l.ID)
	if err != nil || v.State != allocation.Released || v.Reason == nil || v.Reason.ID != "HOLD_LAPSED" {
		t.Fatalf("%+v, %v", v, err)
	}
	log, err := w.Core.DB.Log(ctx, store.LogQuery{Noun: "allocation", ID: l.ID})
	if err != nil || log[len(log)-1].Kind != "allocation.released" || log[len(log)-1].Reason != "HOLD_LAPSED" {
		t.Fatalf("%+v, %v", log, err)
	}
	if n, err := w.Lapse(ctx, w.System()); n != 0 || err != nil {
		t.Fatalf("%d released twice, %v", n, err)
	}
	testkit.WantCode(t, w.commit(l), fault.CodeConflict)
}

// A hold whose time is over and that no timer met yet is promised only if nobody took
// its place meanwhile, in the stock or on the line.
func TestALateCommitNeverOverfills(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(t *testing.T, w *world, line, res string)
		want      fault.Code
		free      int64
	}{
		"nothing happened":   {func(*testing.T, *world, string, string) {}, "", 0},
		"the line was taken": {func(t *testing.T, w *world, line, _ string) { w.hold(t, line, w.stock(t, 20), 10) }, fault.CodeHoldLapsed, 7},
		"the stock was taken": {func(t *testing.T, w *world, _, res string) {
			_, other := w.need(t, 5)
			w.hold(t, other, res, 5)
		}, fault.CodeHoldLapsed, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t)
			req, line := w.need(t, 10)
			res := w.stock(t, 7)
			l := w.hold(t, line, res, 7)
			w.Clock.Advance(2 * time.Hour)
			c.meanwhile(t, w, line, res)
			testkit.WantCode(t, w.commit(l), c.want)
			stock, err := w.resources.Load(ctx, res)
			testkit.WantCode(t, err, "")
			r, err := w.requests.Load(ctx, req)
			testkit.WantCode(t, err, "")
			now, got := w.Core.Time(), &r.Lines[0]
			if given := got.Sum(request.Held, now) + got.Sum(request.Committed, now); given > got.Need.Value || stock.Free(now) != c.free {
				t.Fatalf("%d of %d given, %d free", given, got.Need.Value, stock.Free(now))
			}
		})
	}
}

// The old holder's commit and another's acceptance race for the same stock: one wins.
func TestALateCommitRacesWithAnAcceptance(t *testing.T) {
	t.Parallel()
	w := open(t)
	_, line := w.need(t, 7)
	_, other := w.need(t, 7)
	res := w.stock(t, 7)
	l := w.hold(t, line, res, 7)
	w.Clock.Advance(2 * time.Hour)
	p := w.propose(t, other, res, 7)
	late, fresh := make(chan error, 1), make(chan error, 1)
	go func() { late <- w.commit(l) }()
	go func() {
		_, _, err := w.matching.Accept(ctx, w.Partner(), matching.AcceptInput{MatchProposalID: p.ID, ExpectedVersion: p.Version})
		fresh <- err
	}()
	a, b := <-late, <-fresh
	if (a == nil) == (b == nil) {
		t.Fatalf("commit: %v; acceptance: %v", a, b)
	}
	if a != nil {
		testkit.WantCode(t, a, fault.CodeHoldLapsed)
	} else {
		testkit.WantCode(t, b, fault.CodeStockShort)
	}
	stock, err := w.resources.Load(ctx, res)
	if now := w.Core.Time(); err != nil || stock.Free(now) != 0 || stock.Held(now)+stock.Committed() != 7 {
		t.Fatalf("%+v, %v", stock, err)
	}
}

func TestProposalsExpireTheLongestOverdueFirst(t *testing.T) {
	t.Parallel()
	w := open(t)
	_, line := w.need(t, 7)
	res := w.stock(t, 10)
	short := w.propose(t, line, res, 1)
	w.Clock.Advance(47 * time.Hour)
	long := w.propose(t, line, res, 2)
	w.Clock.Advance(time.Hour)
	if n, err := w.matching.Expire(ctx, w.System()); n != 1 || err != nil {
		t.Fatalf("%d expired, %v", n, err)
	}
	for id, want := range map[string]matching.State{short.ID: matching.Expired, long.ID: matching.Proposed} {
		if v, err := w.matching.Get(ctx, w.Coordinator(), id); err != nil || v.State != want || (v.Reason != nil) != (want == matching.Expired) {
			t.Errorf("%+v, %v", v, err)
		}
	}
}

// A proposal for more than its line misses by now says so.
func TestAnAcceptanceOfMoreThanIsMissingIsRefused(t *testing.T) {
	t.Parallel()
	w := open(t)
	_, line := w.need(t, 7)
	res := w.stock(t, 20)
	l := w.hold(t, line, res, 3)
	w.Clock.Advance(2 * time.Hour) // the line misses 7 again, as long as nobody commits
	p := w.propose(t, line, res, 7)
	testkit.WantCode(t, w.commit(l), "")
	_, _, err := w.matching.Accept(ctx, w.Partner(), matching.AcceptInput{MatchProposalID: p.ID, ExpectedVersion: p.Version})
	testkit.WantCode(t, err, fault.CodeLineCovered)
}
