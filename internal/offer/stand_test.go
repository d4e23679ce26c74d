package offer

import (
	"context"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

func pieces(n int64) measure.Quantity { return measure.Quantity{Value: n, Unit: measure.Piece} }

type world struct {
	*testkit.World
	*Service
}

func openWorld(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.World = testkit.Open(t, func(tk *testkit.World) {
		policies := policy.New(tk.Core, tk.Divisions)
		volunteers := volunteer.New(tk.Core, tk.Divisions, tk.Communities, tk.Stations)
		requests := request.New(tk.Core, request.Nouns{
			Divisions: tk.Divisions, Communities: tk.Communities, Stations: tk.Stations, Workers: tk.Workers,
			Recipients: recipient.New(tk.Core, tk.Divisions, tk.Communities, tk.Stations, tk.Organisations), Volunteers: volunteers, Policies: policies,
		})
		resources := resource.New(tk.Core, tk.Divisions, tk.Organisations, tk.Stations)
		made := matching.New(tk.Core, matching.Nouns{
			Requests: requests, Resources: resources, Organisations: tk.Organisations, Allocations: allocation.New(tk.Core, requests, resources),
			Divisions: tk.Divisions, Volunteers: volunteers, Policies: policies, Stations: tk.Stations,
		})
		w.Service = New(tk.Core, Nouns{tk.Divisions, tk.Organisations, tk.Stations, resources, requests, made})
	})
	return w
}

// need is a request in matching with one line for n pieces within ten days; its line.
func (w *world) need(t *testing.T, n int64) string {
	t.Helper()
	a := w.System()
	v, _, err := w.Requests.Draft(ctx, a, request.DraftInput{
		CommunityID: ptr(community.ID(testkit.Community1)), Category: "MEAL_DELIVERY", Title: "每日送餐",
		Window:    &measure.Window{From: now.Add(24 * time.Hour), To: now.Add(240 * time.Hour)},
		NeedLines: []request.LineInput{{Kind: request.KindGoods, Title: ptr("午餐"), Quantity: pieces(n)}},
	})
	testkit.WantCode(t, err, "")
	v, _, _, err = w.Requests.Submit(ctx, a, request.SubmitInput{ServiceRequestID: v.ID, LawfulBasis: ptr("LEGAL_DUTY"), ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	v, _, err = w.Requests.Triage(ctx, a, request.TriageInput{ServiceRequestID: v.ID, Urgency: request.Normal, Risk: request.RiskLow, Class: access.Restricted, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	v, _, err = w.Requests.Accept(ctx, a, request.AcceptInput{ServiceRequestID: v.ID, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	return v.NeedLines[0].ID
}

// word is a published offer of the world's organisation: n pieces, once, for needs of these
// urgencies.
func (w *world) word(t *testing.T, n int64, starts, ends usecase.Date, of ...request.Urgency) *View {
	t.Helper()
	res, _, err := w.Resources.Create(ctx, w.System(), resource.Create{
		OwnerID: w.Organisation, Title: "午餐", Kind: resource.Goods, Category: "MEAL_DELIVERY", Quantity: pieces(100), AreaID: division.ID(testkit.Lunan),
	})
	testkit.WantCode(t, err, "")
	_, _, err = w.Resources.Publish(ctx, w.System(), resource.Publish{CharityResourceID: res.ID, ExpectedVersion: res.Version})
	testkit.WantCode(t, err, "")
	o, _, err := w.Draft(ctx, w.Partner(), DraftInput{CharityResourceID: res.ID, StationID: w.Station, Quantity: pieces(n), StartsOn: &starts, EndsOn: &ends, Urgencies: of})
	testkit.WantCode(t, err, "")
	_, _, err = w.Submit(ctx, w.Partner(), StepInput{OfferID: o.ID, ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	o, _, err = w.Publish(ctx, w.Coordinator(), StepInput{OfferID: o.ID, ExpectedVersion: 2})
	testkit.WantCode(t, err, "")
	return o
}

// proposals are all that were made.
func (w *world) proposals(t *testing.T) (out []*matching.Proposal) {
	t.Helper()
	testkit.WantCode(t, w.Matching.Rows().Each(ctx, store.Query{Sort: "created"}, func(p *matching.Proposal) error {
		out = append(out, p)
		return nil
	}), "")
	return out
}

// What is proposed by an offer while it is withdrawn ends with it, though it was not there
// yet when its withdrawal looked.
func TestAWithdrawalMeetsAProposal(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	w.need(t, 2)
	o := w.word(t, 5, "2026-03-02", "2026-03-31")
	first := true
	_, err := w.step(ctx, w.Partner(), command{act: ActWithdraw, id: o.ID, expected: 3, rule: func(in context.Context, o *Offer, _ time.Time) error {
		err := w.Matching.TakeBack(in, w.Partner(), o.ID, "OVERLOAD")
		if first {
			first = false
			done := make(chan error)
			go func() {
				_, err := w.Stand(ctx, w.System())
				done <- err
			}()
			testkit.WantCode(t, <-done, "")
		}
		return err
	}})
	testkit.WantCode(t, err, "")
	for _, p := range w.proposals(t) {
		if p.State() != matching.Superseded {
			t.Errorf("%s by an offer that is withdrawn", p.State())
		}
	}
	if len(w.proposals(t)) != 1 {
		t.Fatalf("%d proposals: they did not meet", len(w.proposals(t)))
	}
}

// An offer that is given once is proposed for its own days alone, though the need would take
// help before and after them.
func TestOnceIsWithinItsDays(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	w.need(t, 2)
	w.word(t, 5, "2026-03-05", "2026-03-06")
	n, err := w.Stand(ctx, w.System())
	testkit.WantCode(t, err, "")
	made := w.proposals(t)
	if n != 1 || len(made) != 1 || made[0].Window == nil {
		t.Fatalf("%d made: %+v", n, made)
	}
	from := time.Date(2026, 3, 4, 16, 0, 0, 0, time.UTC) // midnight in China
	if got := *made[0].Window; !got.From.Equal(from) || !got.To.Equal(from.Add(48*time.Hour)) {
		t.Errorf("proposed for %v", got)
	}
}

// What an offer is for is asked again of the request as it is when the proposal is made.
func TestWhatIsNotForTheOfferAnyMore(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	w.need(t, 2)
	w.word(t, 5, "2026-03-02", "2026-03-31", request.Normal)
	offers, err := w.standing(ctx, w.System(), now)
	testkit.WantCode(t, err, "")
	lines, err := w.openings(ctx, offers, now)
	testkit.WantCode(t, err, "")
	if len(offers) != 1 || len(lines) != 1 {
		t.Fatalf("%d offers, %d lines", len(offers), len(lines))
	}
	urgency := func(u request.Urgency) {
		t.Helper()
		testkit.WantCode(t, w.Core.DB.Tx(ctx, func(ctx context.Context) error {
			r, err := w.Requests.Load(ctx, lines[0].request.ID)
			if err != nil {
				return err
			}
			r.Urgency = u
			return w.Requests.Rows().Replace(ctx, r, store.Note{})
		}), "")
	}
	for _, u := range []request.Urgency{request.High, request.Normal} {
		urgency(u)
		made, err := w.propose(ctx, offers[0], lines[0], now)
		testkit.WantCode(t, err, "")
		if made != (u == request.Normal) {
			t.Errorf("%s: %v", u, made)
		}
	}
}

// An offer given once is used up when all of it is promised, and not while it is asked for.
func TestUsedUpIsWhatIsPromised(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	w.need(t, 2)
	o := w.word(t, 2, "2026-03-02", "2026-03-31")
	tick := func(want State) {
		t.Helper()
		_, err := w.Stand(ctx, w.System())
		testkit.WantCode(t, err, "")
		row, err := w.Rows().Get(ctx, o.ID)
		if err != nil || row.State() != want {
			t.Fatalf("%+v, %v; want %s", row, err, want)
		}
	}
	tick(Published)
	tick(Published)
	_, _, err := w.Matching.Accept(ctx, w.Coordinator(), matching.AcceptInput{MatchProposalID: w.proposals(t)[0].ID, ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	tick(Exhausted)
}

// What a granted claim of another speaks for is not proposed once more.
func TestNothingIsProposedForWhatIsClaimed(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	line := w.need(t, 5)
	testkit.WantCode(t, w.Core.DB.Tx(ctx, func(ctx context.Context) error {
		r, l, err := w.Requests.LoadLine(ctx, line)
		if err != nil {
			return err
		}
		l.Claim(request.LineClaim{ID: "clm_1", By: "org_other", Value: 3, Granted: true})
		return w.Requests.Rows().Replace(ctx, r, store.Note{})
	}), "")
	w.word(t, 9, "2026-03-02", "2026-03-31")
	_, err := w.Stand(ctx, w.System())
	testkit.WantCode(t, err, "")
	if made := w.proposals(t); len(made) != 1 || made[0].Quantity.Value != 2 {
		t.Fatalf("%+v", made)
	}
}
