package resource_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

func pieces(n int64) measure.Quantity { return measure.Quantity{Value: n, Unit: measure.Piece} }

type world struct {
	*testkit.World
	*resource.Service
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.World = testkit.Open(t, func(tk *testkit.World) {
		w.Service = resource.New(tk.Core, tk.Divisions, tk.Organisations, tk.Stations)
	})
	return w
}

func (w *world) input() resource.Create {
	return resource.Create{
		OwnerID: w.Organisation, Title: "防滑拐杖", Kind: resource.Goods, Category: "ASSISTIVE_DEVICE", Quantity: pieces(20),
		Batch: ptr("2026-01"), ExpiresOn: ptr(usecase.Date("2026-03-31")), AreaID: division.ID(testkit.Lunan), Eligibility: []string{"ELDERLY"},
	}
}

// add makes a resource; changes on the input first, then as many steps as states go on.
func (w *world) add(t *testing.T, title string, published bool, change ...func(*resource.Create)) string {
	t.Helper()
	in := w.input()
	in.Title = title
	for _, c := range change {
		c(&in)
	}
	v, _, err := w.Create(ctx, w.System(), in)
	testkit.WantCode(t, err, "")
	if published {
		_, _, err = w.Publish(ctx, w.System(), resource.Publish{CharityResourceID: v.ID, ExpectedVersion: 1})
		testkit.WantCode(t, err, "")
	}
	return v.ID
}

func TestEachReaderSeesAResourceAsTheRuleSays(t *testing.T) {
	t.Parallel()
	w := open(t)
	draft, shown := w.add(t, "轮椅草稿", false), w.add(t, "轮椅", true)
	other := testkit.As("other", access.Grant{Role: access.Partner, Scope: "org_other", Area: testkit.City})
	for _, c := range []struct {
		name          string
		actor         access.Actor
		draft, counts bool
		actions       string
	}{
		{"nobody", access.Nobody(), false, false, "[]"},
		{"stranger", w.Stranger(), false, true, "[]"},
		{"another partner", other, false, true, "[]"},
		{"other admin", w.OtherAdmin(), false, true, "[]"},
		{"officer", w.Officer(), false, true, "[PROPOSE]"},
		{"partner", w.Partner(), true, true, "[CHANGE PAUSE WITHDRAW CONFIRM RECEIVE RECALL PROPOSE]"},
		{"admin", w.Admin(), true, true, "[]"},
		{"supervisor", w.Supervisor(), true, true, "[]"},
		{"system", w.System(), true, true, "[CHANGE PAUSE WITHDRAW CONFIRM RECEIVE RECALL PROPOSE]"},
	} {
		v, err := w.Get(ctx, c.actor, shown)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if (v.Stock != nil) != c.counts || (v.Batch != nil) != c.counts || (len(v.Hidden) == 0) != c.counts || fmt.Sprint(v.AllowedActions) != c.actions {
			t.Errorf("%s: %+v", c.name, v)
		}
		if v.Owner == nil || v.Area == nil || v.State != resource.Published || v.Unit != measure.Piece || *v.ExpiresOn != "2026-03-31" {
			t.Errorf("%s: %+v", c.name, v)
		}
		_, err = w.Get(ctx, c.actor, draft)
		page, listErr := w.List(ctx, c.actor, resource.Filter{Search: ptr("輪椅")}, "", usecase.Paging{})
		if (err == nil) != c.draft || listErr != nil || (len(page.Rows) == 2) != c.draft || len(page.Rows) == 0 {
			t.Errorf("%s: draft %v; %d found, %v", c.name, err, len(page.Rows), listErr)
		}
	}
}

// A coordinator enters resources for owners without an account; their station then
// looks after them.
func TestACoordinatorLooksAfterWhatTheyEntered(t *testing.T) {
	t.Parallel()
	w := open(t)
	v, _, err := w.Create(ctx, w.Coordinator(), w.input())
	testkit.WantCode(t, err, "")
	colleague := testkit.As("colleague", access.Grant{Role: access.Coordinator, Scope: w.Station, Area: testkit.Street})
	v, _, err = w.Publish(ctx, colleague, resource.Publish{CharityResourceID: v.ID, ExpectedVersion: 1})
	if err != nil || v.State != resource.Published {
		t.Fatalf("%+v, %v", v, err)
	}
	neighbour := testkit.As("neighbour", access.Grant{Role: access.Coordinator, Scope: "sta_other", Area: testkit.Street})
	_, _, err = w.Pause(ctx, neighbour, resource.Pause{CharityResourceID: v.ID, ExpectedVersion: 2})
	testkit.WantCode(t, err, fault.CodeForbidden)
}

func TestResourceCallsAreRefusedByReason(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.add(t, "大米", false)
	create := func(a access.Actor, fill func(*resource.Create)) error {
		in := w.input()
		fill(&in)
		_, _, err := w.Create(ctx, a, in)
		return err
	}
	bad := func(fill func(*resource.Create)) error { return create(w.Partner(), fill) }
	change := func(a access.Actor, in resource.Change) error {
		in.CharityResourceID = id
		in.ExpectedVersion = max(in.ExpectedVersion, 1)
		_, _, err := w.Change(ctx, a, in)
		return err
	}
	list := func(f resource.Filter) error {
		_, err := w.List(ctx, w.Admin(), f, "", usecase.Paging{})
		return err
	}
	_, _, withdraw := w.Withdraw(ctx, w.Partner(), resource.Withdraw{CharityResourceID: id, Reason: "X", ExpectedVersion: 1})
	_, _, pause := w.Pause(ctx, w.Partner(), resource.Pause{CharityResourceID: id, ExpectedVersion: 1})
	_, unknown := w.Get(ctx, w.Admin(), "res_ts0")
	far := testkit.As("far", access.Grant{Role: access.Coordinator, Scope: "sta_far", Area: testkit.Lubei})
	for _, c := range []struct {
		name string
		err  error
		want fault.Code
	}{
		{"anonymous", create(access.Nobody(), func(*resource.Create) {}), fault.CodeUnauthenticated},
		{"stranger", create(w.Stranger(), func(*resource.Create) {}), fault.CodeForbidden},
		{"admin", create(w.Admin(), func(*resource.Create) {}), fault.CodeForbidden},
		{"coordinator elsewhere", create(far, func(*resource.Create) {}), fault.CodeForbidden},
		{"no owner", bad(func(in *resource.Create) { in.OwnerID = "org_ts0" }), fault.CodeNotFound},
		{"owner of another type", bad(func(in *resource.Create) { in.OwnerID = "sta_1" }), fault.CodeIDInvalid},
		{"no title", bad(func(in *resource.Create) { in.Title = " " }), fault.CodeRequired},
		{"long title", bad(func(in *resource.Create) { in.Title = strings.Repeat("长", 129) }), fault.CodeTooLong},
		{"control character", bad(func(in *resource.Create) { in.Title = "a\x00" }), fault.CodeTextInvalid},
		{"kind", bad(func(in *resource.Create) { in.Kind = "HOURS" }), fault.CodeInvalid},
		{"category", bad(func(in *resource.Create) { in.Category = "X" }), fault.CodeCodeUnknown},
		{"nothing", bad(func(in *resource.Create) { in.Quantity.Value = 0 }), fault.CodeQuantityInvalid},
		{"less than nothing", bad(func(in *resource.Create) { in.Quantity.Value = -1 }), fault.CodeQuantityInvalid},
		{"huge", bad(func(in *resource.Create) { in.Quantity.Value = measure.MaxQuantity + 1 }), fault.CodeQuantityInvalid},
		{"money in pieces", bad(func(in *resource.Create) { in.Kind = resource.Fund }), fault.CodeUnitMismatch},
		{"least in another unit", bad(func(in *resource.Create) { in.Minimum = &measure.Quantity{Value: 1, Unit: measure.Gram} }), fault.CodeUnitMismatch},
		{"least above all", bad(func(in *resource.Create) { in.Minimum = ptr(pieces(21)) }), fault.CodeOutOfRange},
		{"window", bad(func(in *resource.Create) { in.Window = &measure.Window{From: testkit.Start, To: testkit.Start} }), fault.CodeWindowInvalid},
		{"gone off", bad(func(in *resource.Create) { in.ExpiresOn = ptr(usecase.Date("2026-03-01")) }), fault.CodeOutOfRange},
		{"no day", bad(func(in *resource.Create) { in.ExpiresOn = ptr(usecase.Date("2026-02-30")) }), fault.CodeInvalid},
		{"area", bad(func(in *resource.Create) { in.AreaID = "div_139999000000" }), fault.CodeDivisionUnknown},
		{"place", bad(func(in *resource.Create) { in.Location = &usecase.GeoPoint{Latitude: 91} }), fault.CodeOutOfRange},
		{"for whom", bad(func(in *resource.Create) { in.Eligibility = []string{"X"} }), fault.CodeCodeUnknown},
		{"for too many", bad(func(in *resource.Create) { in.Eligibility = make([]string, 21) }), fault.CodeTooMany},
		{"hidden", change(w.Stranger(), resource.Change{}), fault.CodeNotFound},
		{"seen, not allowed", change(w.Admin(), resource.Change{}), fault.CodeForbidden},
		{"stale", change(w.Partner(), resource.Change{ExpectedVersion: 7}), fault.CodeConflict},
		{"another unit", change(w.Partner(), resource.Change{Quantity: &measure.Quantity{Value: 1, Unit: measure.Gram}}), fault.CodeUnitMismatch},
		{"less than the least", change(w.Partner(), resource.Change{Quantity: ptr(pieces(20)), Minimum: ptr(pieces(21))}), fault.CodeOutOfRange},
		{"unknown reason", withdraw, fault.CodeCodeUnknown},
		{"pause of a draft", pause, fault.CodeTransition},
		{"unknown", unknown, fault.CodeNotFound},
		{"filter by wrong owner", list(resource.Filter{OwnerID: ptr("res_1")}), fault.CodeIDInvalid},
		{"filter by wrong category", list(resource.Filter{Category: ptr("X")}), fault.CodeCodeUnknown},
		{"filter by wrong division", list(resource.Filter{ServesDivisionID: ptr("div_1")}), fault.CodeIDInvalid},
		{"good", change(w.Partner(), resource.Change{Description: ptr(""), Minimum: ptr(pieces(0)), ExpiresOn: ptr(usecase.Date("")), AreaID: ptr(division.ID(testkit.Street))}), ""},
	} {
		t.Run(c.name, func(t *testing.T) { testkit.WantCode(t, c.err, c.want) })
	}
	v, err := w.Get(ctx, w.Partner(), id)
	if err != nil || v.ExpiresOn != nil || v.Area.ID != division.ID(testkit.Street) || v.Version != 2 {
		t.Fatalf("%+v, %v", v, err)
	}
}

func TestAnIDNumberInFreeTextIsMaskedAndTold(t *testing.T) {
	t.Parallel()
	w := open(t)
	in := w.input()
	in.Description = ptr("联系人 11010519491231002X")
	in.IdempotencyKey = ptr("once")
	v, notices, err := w.Create(ctx, w.Partner(), in)
	if err != nil || len(notices) != 1 || notices[0].Code != "ID_NUMBER_MASKED" || strings.Contains(*v.Description, "19491231") {
		t.Fatalf("%+v, %v, %v", v, notices, err)
	}
	again, _, err := w.Create(ctx, w.Partner(), in)
	if err != nil || again.ID != v.ID {
		t.Fatalf("a repeat made %+v, %v", again, err)
	}
	in.Title = "别的"
	_, _, err = w.Create(ctx, w.Partner(), in)
	testkit.WantCode(t, err, fault.CodeIdempotencyKeyReused)
}

// take is what package allocation does in its unit.
func (w *world) take(id string, h resource.Hold) error {
	return w.Core.DB.Tx(ctx, func(ctx context.Context) error {
		r, err := w.Load(ctx, id)
		if err != nil {
			return err
		}
		if err := r.Hold(h, w.Core.Time()); err != nil {
			return err
		}
		return w.Save(ctx, r, usecase.Note(w.System(), "resource.held", id, ""))
	})
}

func TestTwoAcceptancesNeverTakeTheSameStock(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.add(t, "棉被", true)
	const racers = 16 // of 3 each: 6 fit into 20
	done := make(chan error)
	for i := range racers {
		go func() {
			done <- w.take(id, resource.Hold{AllocationID: fmt.Sprint("alc_", i), Value: 3, Until: testkit.Start.Add(time.Hour)})
		}()
	}
	won := 0
	for range racers {
		if err := <-done; err == nil {
			won++
		} else if fault.CodeOf(err) != fault.CodeStockShort {
			t.Error(err)
		}
	}
	v, err := w.Get(ctx, w.Partner(), id)
	if err != nil || won != 6 || v.Stock.Free != 2 || v.Stock.Held != 18 || v.Version != 2 {
		t.Fatalf("%d won; %+v, %v", won, v.Stock, err)
	}
	_, _, err = w.Change(ctx, w.Partner(), resource.Change{CharityResourceID: id, Quantity: ptr(pieces(17)), ExpectedVersion: 2})
	testkit.WantCode(t, err, fault.CodeOutOfRange)
	w.Clock.Advance(time.Hour)
	v, _, err = w.Change(ctx, w.Partner(), resource.Change{CharityResourceID: id, Quantity: ptr(pieces(17)), ExpectedVersion: 2})
	if err != nil || v.Stock.Free != 17 || v.Stock.Held != 0 {
		t.Fatalf("%+v, %v", v, err)
	}
}

func TestAWithdrawnResourceHoldsNothingAndTellsWhoTookOfIt(t *testing.T) {
	t.Parallel()
	w := open(t)
	var told []string
	var objection error
	w.OnWithdraw(func(ctx context.Context, id, reason string, a access.Actor) error {
		told = append(told, id+" by "+a.ID+" for "+reason)
		r, err := w.Load(ctx, id)
		if err != nil {
			return err
		}
		r.Release("alc_1")
		return errors.Join(objection, w.Save(ctx, r, store.Note{}))
	})
	id := w.add(t, "棉被", true)
	testkit.WantCode(t, w.take(id, resource.Hold{AllocationID: "alc_1", Value: 3, Until: testkit.Start.Add(time.Hour)}), "")
	in := resource.Withdraw{CharityResourceID: id, Reason: "OVERLOAD", ExpectedVersion: 2}
	objection = errors.New("not now")
	if _, _, err := w.Withdraw(ctx, w.Partner(), in); !errors.Is(err, objection) {
		t.Fatal(err)
	}
	objection = nil
	v, _, err := w.Withdraw(ctx, w.Partner(), in)
	if err != nil || v.State != resource.Withdrawn || v.Stock.Held != 0 || v.Stock.Free != 0 || v.Stock.Unusable != 20 || told[len(told)-1] != id+" by acc_partner for RESOURCE_WITHDRAWN" {
		t.Fatalf("%+v, %v, %v", v, told, err)
	}
	testkit.WantCode(t, w.take(id, resource.Hold{AllocationID: "alc_2", Value: 3}), fault.CodeResourceUnavailable)
	_, err = w.Get(ctx, w.Stranger(), id)
	testkit.WantCode(t, err, fault.CodeNotFound)
}

func TestAStoppedOwnerOffersNothing(t *testing.T) {
	t.Parallel()
	w := open(t)
	var told []string
	w.OnWithdraw(func(_ context.Context, _, reason string, _ access.Actor) error {
		told = append(told, reason)
		return nil
	})
	a, b, draft, paused := w.add(t, "甲", true), w.add(t, "乙", true), w.add(t, "丙", false), w.add(t, "丁", true)
	_, _, err := w.Pause(ctx, w.Partner(), resource.Pause{CharityResourceID: paused, ExpectedVersion: 2})
	testkit.WantCode(t, err, "")
	_, _, err = w.Organisations.Suspend(ctx, w.Admin(), organisation.Suspend{OrganisationID: w.Organisation, Reason: "ABNORMAL_LISTED", ExpectedVersion: 3})
	testkit.WantCode(t, err, "")
	for id, want := range map[string]resource.State{a: resource.Paused, b: resource.Paused, draft: resource.Draft, paused: resource.Paused} {
		if v, err := w.Get(ctx, w.Partner(), id); err != nil || v.State != want {
			t.Errorf("%+v, %v", v, err)
		}
	}
	if fmt.Sprint(told) != "[OWNER_STOPPED OWNER_STOPPED OWNER_STOPPED OWNER_STOPPED]" { // also of what it had paused itself
		t.Errorf("told %v", told)
	}
	_, _, err = w.Publish(ctx, w.Partner(), resource.Publish{CharityResourceID: a, ExpectedVersion: 3})
	testkit.WantCode(t, err, fault.CodeOrganisationBarred)
	_, _, err = w.Create(ctx, w.Partner(), w.input())
	testkit.WantCode(t, err, fault.CodeOrganisationBarred)
	_, _, err = w.Organisations.Bar(ctx, w.Admin(), organisation.Bar{OrganisationID: w.Organisation, Reason: "ABNORMAL_LISTED", ExpectedVersion: 4})
	testkit.WantCode(t, err, "")
	for _, id := range []string{a, b, draft, paused} {
		if v, err := w.Get(ctx, w.Partner(), id); err != nil || v.State != resource.Withdrawn {
			t.Errorf("of a barred owner: %+v, %v", v, err)
		}
	}
}

func TestAResourceEndsAfterItsLastDay(t *testing.T) {
	t.Parallel()
	w := open(t)
	lasting := func(in *resource.Create) { in.ExpiresOn = nil }
	short, long := w.add(t, "牛奶", true), w.add(t, "面粉", true, lasting)
	states := func(want map[resource.State]int) {
		t.Helper()
		for s, n := range want {
			page, err := w.List(ctx, access.Nobody(), resource.Filter{State: &s}, "", usecase.Paging{})
			if err != nil || len(page.Rows) != n {
				t.Errorf("%s: %d, %v", s, len(page.Rows), err)
			}
		}
	}
	states(map[resource.State]int{resource.Published: 2, resource.Expired: 0})
	w.Clock.Advance(30 * 24 * time.Hour) // the 1st of April in China
	states(map[resource.State]int{resource.Published: 1, resource.Expired: 1})
	v, err := w.Get(ctx, w.Partner(), short)
	if err != nil || v.State != resource.Expired || fmt.Sprint(v.AllowedActions) != "[CHANGE PUBLISH WITHDRAW CONFIRM RECEIVE RECALL]" {
		t.Fatalf("%+v, %v", v, err)
	}
	for _, want := range []int{1, 0} {
		if n, err := w.Expire(ctx, w.System()); err != nil || n != want {
			t.Fatalf("%d, %v", n, err)
		}
	}
	states(map[resource.State]int{resource.Published: 1, resource.Expired: 1})
	_, _, err = w.Publish(ctx, w.Partner(), resource.Publish{CharityResourceID: short, ExpectedVersion: 2})
	testkit.WantCode(t, err, fault.CodeResourceUnavailable)
	_, _, err = w.Change(ctx, w.Partner(), resource.Change{CharityResourceID: short, ExpiresOn: ptr(usecase.Date("2026-05-01")), ExpectedVersion: 2})
	testkit.WantCode(t, err, "")
	v, _, err = w.Publish(ctx, w.Partner(), resource.Publish{CharityResourceID: short, ExpectedVersion: 3})
	if err != nil || v.State != resource.Published {
		t.Fatalf("%+v, %v", v, err)
	}
	states(map[resource.State]int{resource.Published: 2})
	if v, err = w.Get(ctx, w.Partner(), long); err != nil || v.State != resource.Published {
		t.Fatalf("%+v, %v", v, err)
	}
}

func TestWhatIsNotConfirmedForLongIsStale(t *testing.T) {
	t.Parallel()
	w := open(t)
	forever := func(in *resource.Create) { in.ExpiresOn = nil }
	old, other := w.add(t, "轮椅", true, forever), w.add(t, "面粉", true, forever)
	w.add(t, "草稿", false, forever)
	stale := func(yes bool) string {
		page, err := w.List(ctx, w.Partner(), resource.Filter{Stale: &yes}, resource.CreatedAsc, usecase.Paging{})
		testkit.WantCode(t, err, "")
		var titles []string
		for _, v := range page.Rows {
			if v.Stale != yes {
				t.Errorf("%s: stale %t", v.Title, v.Stale)
			}
			titles = append(titles, v.Title)
		}
		return fmt.Sprint(titles)
	}
	w.Clock.Advance(resource.StaleAfter)
	if got := stale(true); got != "[]" {
		t.Errorf("on the last day: %s", got)
	}
	w.Clock.Advance(time.Second)
	if got := stale(true); got != "[轮椅 面粉]" {
		t.Errorf("a day later: %s", got)
	}
	v, _, err := w.Confirm(ctx, w.Partner(), resource.Confirm{CharityResourceID: old, ExpectedVersion: 2})
	if err != nil || v.Stale || !v.ConfirmedAt.Equal(w.Clock.Now()) {
		t.Errorf("%+v, %v", v, err)
	}
	if got := stale(true) + stale(false); got != "[面粉][轮椅]" {
		t.Errorf("confirmed: %s", got)
	}
	w.KeepFresh(2 * resource.StaleAfter)
	if v, err := w.Get(ctx, w.Partner(), other); err != nil || v.Stale {
		t.Errorf("with more time: %+v, %v", v, err)
	}
}

func TestResourcesAreListedInEveryOrder(t *testing.T) {
	t.Parallel()
	w := open(t)
	var ids []string
	for i, area := range []string{testkit.City, testkit.Lunan, testkit.Street, testkit.Lubei} {
		w.Clock.Advance(time.Second)
		ids = append(ids, w.add(t, fmt.Sprint("物资", i), true, func(in *resource.Create) { in.AreaID = division.ID(area) }))
	}
	w.Clock.Advance(time.Second)
	_, _, err := w.Change(ctx, w.Partner(), resource.Change{CharityResourceID: ids[0], Title: ptr("改名"), ExpectedVersion: 2})
	testkit.WantCode(t, err, "")
	pick := func(at ...int) (out []string) {
		for _, i := range at {
			out = append(out, ids[i])
		}
		return out
	}
	other := testkit.As("other", access.Grant{Role: access.Partner, Scope: "org_other", Area: testkit.City})
	for _, c := range []struct {
		name   string
		filter resource.Filter
		sort   resource.Sort
		want   []string
	}{
		{"default", resource.Filter{}, "", pick(3, 2, 1, 0)},
		{"oldest", resource.Filter{}, resource.CreatedAsc, pick(0, 1, 2, 3)},
		{"changed last", resource.Filter{}, resource.UpdatedDesc, pick(0, 3, 2, 1)},
		{"changed first", resource.Filter{}, resource.UpdatedAsc, pick(1, 2, 3, 0)},
		{"serves a community", resource.Filter{ServesDivisionID: ptr(division.ID(testkit.Community1))}, "", pick(2, 1, 0)},
		{"owner and kind", resource.Filter{OwnerID: &w.Organisation, Kind: ptr(resource.Goods)}, "", pick(3, 2, 1, 0)},
		{"another kind", resource.Filter{Kind: ptr(resource.Fund)}, "", nil},
		{"category and state", resource.Filter{Category: ptr("ASSISTIVE_DEVICE"), State: ptr(resource.Published)}, "", pick(3, 2, 1, 0)},
		{"a state that is none", resource.Filter{State: ptr(resource.State("X"))}, "", nil},
		{"search", resource.Filter{Search: ptr("改")}, resource.UpdatedAsc, pick(0)},
	} {
		for _, actor := range []access.Actor{access.Nobody(), w.Partner(), other, w.Coordinator(), w.Admin(), w.Supervisor(), w.System()} {
			var got []string
			var after *string
			for range 10 { // page by page
				page, err := w.List(ctx, actor, c.filter, c.sort, usecase.Paging{First: ptr(3), After: after})
				if err != nil {
					t.Fatalf("%s for %s: %v", c.name, actor.ID, err)
				}
				for _, v := range page.Rows {
					got = append(got, v.ID)
				}
				if after = page.End; !page.HasNext {
					break
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s for %s: %v", c.name, actor.ID, got)
			}
		}
	}
	page, err := w.List(ctx, w.Partner(), resource.Filter{}, "", usecase.Paging{First: ptr(1)})
	testkit.WantCode(t, err, "")
	_, err = w.List(ctx, w.Admin(), resource.Filter{}, "", usecase.Paging{After: page.End})
	testkit.WantCode(t, err, fault.CodeCursorInvalid)
}
