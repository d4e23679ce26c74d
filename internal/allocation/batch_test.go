package allocation_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

// receive adds a batch of n pieces; it answers with the ids of all batches.
func (w *world) receive(t *testing.T, res string, n int64, expiresOn string) (ids []string) {
	t.Helper()
	at, err := w.resources.Get(ctx, w.Partner(), res)
	testkit.WantCode(t, err, "")
	v, _, err := w.resources.Receive(ctx, w.Partner(), resource.Receive{
		CharityResourceID: res, Lot: ptr("L" + expiresOn), ExpiresOn: ptr(usecase.Date(expiresOn)), Quantity: pieces(n), ExpectedVersion: at.Version,
	})
	testkit.WantCode(t, err, "")
	for _, b := range v.Batches {
		ids = append(ids, b.ID)
	}
	return ids
}

// parts are an allocation's state, reason, quantity and parts.
func (w *world) parts(t *testing.T, id string) string {
	t.Helper()
	v, err := w.Get(ctx, w.Coordinator(), id)
	testkit.WantCode(t, err, "")
	out := fmt.Sprint(v.State, " ", v.Quantity.Value)
	if v.Reason != nil {
		out += " " + v.Reason.ID
	}
	for _, p := range v.Parts {
		out += fmt.Sprint(" ", usecase.Or(p.Lot, "-"), ":", p.Quantity.Value)
	}
	return out
}

func (w *world) recall(res, batch string) ([]allocation.View, error) {
	v, err := w.resources.Get(ctx, w.Partner(), res)
	if err != nil {
		return nil, err
	}
	_, sent, err := w.RecallBatch(ctx, w.Partner(), resource.BatchRecall{CharityResourceID: res, BatchID: batch, Reason: "CONTAMINATED", ExpectedVersion: v.Version})
	return sent, err
}

// A recalled batch takes back what was not sent: other batches give it as far as they go,
// and each request hears what it loses.
func TestARecallMovesWhatItCanAndReleasesTheRest(t *testing.T) {
	t.Parallel()
	w := open(t)
	res := w.stock(t, 4)
	old, oldLine := w.need(t, 2)
	before := w.hold(t, oldLine, res, 2) // before there are batches
	testkit.WantCode(t, w.commit(before), "")
	_, _, err := w.Dispatch(ctx, w.Partner(), allocation.DispatchInput{AllocationID: before.ID, ExpectedVersion: ptr(before.Version + 1)})
	testkit.WantCode(t, err, "")
	w.receive(t, res, 10, "2026-04-01")
	ids := w.receive(t, res, 6, "2026-05-01")

	var reqs []string
	var alcs []*allocation.View
	for _, n := range []int64{3, 6, 7, 2} { // 4 of the first, 10 of the second, 4 of the third
		req, line := w.need(t, n)
		reqs, alcs = append(reqs, req), append(alcs, w.hold(t, line, res, n))
	}
	for _, l := range alcs[:3] {
		testkit.WantCode(t, w.commit(l), "")
	}
	_, _, err = w.Dispatch(ctx, w.Partner(), allocation.DispatchInput{AllocationID: alcs[0].ID, ExpectedVersion: ptr(alcs[0].Version + 1)})
	testkit.WantCode(t, err, "")
	for i, want := range []string{"DISPATCHED 3 L2026-04-01:3", "COMMITTED 6 L2026-04-01:6", "COMMITTED 7 L2026-04-01:1 L2026-05-01:6", "HELD 2"} {
		if got := w.parts(t, alcs[i].ID); got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
	}
	sent, err := w.recall(res, ids[1])
	testkit.WantCode(t, err, "")
	if len(sent) != 1 || sent[0].ID != alcs[0].ID {
		t.Errorf("sent %+v", sent)
	}
	// 2 of the first batch are left: they take a part of what the second had promised.
	for i, want := range []string{"DISPATCHED 3 L2026-04-01:3", "COMMITTED 2 RECALLED -:2", "COMMITTED 6 RECALLED L2026-05-01:6", "RELEASED 2 RECALLED"} {
		if got := w.parts(t, alcs[i].ID); got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
	}
	for i, missing := range []int64{0, 4, 1, 2} {
		state := request.Matching
		if i == 0 {
			state = request.InService
		}
		w.want(t, reqs[i], res, state, missing, 0, 0)
		if got := w.last(t, "request", reqs[i]); i > 0 && got[1] != "RECALLED" {
			t.Errorf("%d: the request's last entry is %v", i, got)
		}
	}
	if got := w.last(t, "allocation", alcs[1].ID); got != [2]string{"allocation.reduced", "RECALLED"} {
		t.Errorf("%v", got)
	}
	sent, err = w.recall(res, ids[0])
	testkit.WantCode(t, err, "")
	if len(sent) != 1 || sent[0].ID != before.ID { // what was sent before there were batches
		t.Errorf("sent %+v", sent)
	}
	if got := w.parts(t, alcs[1].ID); got != "RELEASED 2 RECALLED -:2" {
		t.Error(got)
	}
	w.want(t, old, res, request.InService, 0, 0, 0)
	// What arrives all the same is told to who takes it in: of a batch that was called back,
	// and of what was sent before there were batches; not of another batch.
	for _, c := range []struct {
		id     string
		notice string
	}{{alcs[0].ID, "GOODS_RECALLED"}, {before.ID, "GOODS_RECALLED"}, {alcs[2].ID, ""}} {
		v, err := w.Get(ctx, w.Coordinator(), c.id)
		testkit.WantCode(t, err, "")
		if v.State == allocation.Committed {
			v, _, err = w.Dispatch(ctx, w.Partner(), allocation.DispatchInput{AllocationID: c.id, ExpectedVersion: &v.Version})
			testkit.WantCode(t, err, "")
		}
		in := allocation.DeliverInput{AllocationID: c.id, ExpectedVersion: &v.Version, IdempotencyKey: &c.id}
		for range 2 { // a repeat is told the same
			_, notices, err := w.Deliver(ctx, w.Coordinator(), in)
			testkit.WantCode(t, err, "")
			if got := fmt.Sprint(notices); got != "["+notice(c.notice)+"]" {
				t.Errorf("%s: %s, want %s", c.id, got, c.notice)
			}
		}
	}
}

func notice(code string) string {
	if code == "" {
		return ""
	}
	return fmt.Sprint(usecase.Notice{Code: code, Path: []string{"input", "allocationId"}})
}

// What is enough in other batches only moves: the promise stands, and its request is
// not troubled.
func TestARecallMovesAPromiseToAnotherBatch(t *testing.T) {
	t.Parallel()
	w := open(t)
	res := w.stock(t, 5)
	ids := w.receive(t, res, 5, "2026-04-01")
	req, line := w.need(t, 5)
	l := w.hold(t, line, res, 5)
	testkit.WantCode(t, w.commit(l), "")
	last := w.last(t, "request", req)
	_, err := w.recall(res, ids[1])
	testkit.WantCode(t, err, "")
	v, err := w.Get(ctx, w.Coordinator(), l.ID)
	testkit.WantCode(t, err, "")
	if len(v.Parts) != 1 || v.Parts[0].BatchID != ids[0] || v.Reason != nil || w.last(t, "request", req) != last {
		t.Errorf("%+v", v)
	}
	if got := w.last(t, "allocation", l.ID); got != [2]string{"allocation.moved", "RECALLED"} {
		t.Errorf("%v", got)
	}
	w.want(t, req, res, request.Arranged, 0, 0, 0)
}

// Goods that go off before a need begins are not given to it, and the candidates say so.
func TestWhatGoesOffBeforeTheNeedIsNotProposed(t *testing.T) {
	t.Parallel()
	w := open(t)
	res := w.stock(t, 1)
	w.receive(t, res, 9, "2026-03-02") // today; the need begins tomorrow
	_, line := w.need(t, 5)
	c, err := w.matching.Candidates(ctx, w.Coordinator(), line, 5, 5)
	testkit.WantCode(t, err, "")
	if len(c.Candidates) != 1 || c.Candidates[0].Quantity.Value != 1 {
		t.Errorf("%+v", c.Candidates)
	}
	_, _, err = w.matching.Propose(ctx, w.Coordinator(), matching.ProposeInput{NeedLineID: line, CharityResourceID: res, Quantity: pieces(2)})
	testkit.WantCode(t, err, fault.CodeStockShort)
	w.hold(t, line, res, 1)
	_, line = w.need(t, 5)
	c, err = w.matching.Candidates(ctx, w.Coordinator(), line, 5, 5)
	testkit.WantCode(t, err, "")
	if len(c.NearMisses) != 1 || len(c.NearMisses[0].Failures) != 1 {
		t.Fatalf("%+v", c)
	}
	f := c.NearMisses[0].Failures[0]
	if until := time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC); f.Rule.ID != "EXPIRY" || f.Relaxation == nil || f.Relaxation.Kind != matching.Before || !f.Relaxation.At.Equal(until) {
		t.Errorf("%+v", f)
	}
}

// A recall races with promises: whoever is first, nothing unsent is left on the batch.
func TestARecallRacesWithPromises(t *testing.T) {
	t.Parallel()
	w := open(t)
	res := w.stock(t, 4)
	ids := w.receive(t, res, 4, "2026-04-01")
	done := make(chan error, 5)
	for range 4 {
		_, line := w.need(t, 2)
		l := w.hold(t, line, res, 2)
		go func() { done <- w.commit(l) }()
	}
	go func() {
		_, err := w.recall(res, ids[1])
		done <- err
	}()
	for range 5 {
		if err := <-done; err != nil && !slices.Contains([]fault.Code{fault.CodeConflict, fault.CodeTransition}, fault.CodeOf(err)) {
			t.Errorf("%v", err)
		}
	}
	if _, err := w.recall(res, ids[1]); err != nil { // lost the race by version, or had won it
		testkit.WantCode(t, err, fault.CodeResourceUnavailable)
	}
	v, err := w.resources.Get(ctx, w.Partner(), res)
	testkit.WantCode(t, err, "")
	if s := v.Stock; v.Batches[1].Committed != 0 || s.Held+s.Committed > 4 || s.Unusable != 4 {
		t.Errorf("%+v %+v", s, v.Batches)
	}
}
