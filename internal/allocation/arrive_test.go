package allocation_test

import (
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/testkit"
)

// sent is a request for 10 pieces of a stock of 20, all of them on their way.
func (w *world) sent(t *testing.T) (req, line, res string, l *allocation.View) {
	t.Helper()
	req, line = w.need(t, 10)
	res = w.stock(t, 20)
	l = w.hold(t, line, res, 10)
	testkit.WantCode(t, w.commit(l), "")
	l, _, err := w.Dispatch(ctx, w.Partner(), allocation.DispatchInput{AllocationID: l.ID, ExpectedVersion: ptr(l.Version + 1)})
	testkit.WantCode(t, err, "")
	return req, line, res, l
}

func TestWhatBecomesOfWhatWasSent(t *testing.T) {
	t.Parallel()
	deliver := func(in allocation.DeliverInput) func(*world, *allocation.View) (*allocation.View, error) {
		return func(w *world, l *allocation.View) (*allocation.View, error) {
			in.AllocationID, in.ExpectedVersion = l.ID, &l.Version
			v, _, err := w.Deliver(ctx, w.Coordinator(), in)
			return v, err
		}
	}
	back := func(a func(*world) access.Actor, reason string, n *measure.Quantity) func(*world, *allocation.View) (*allocation.View, error) {
		return func(w *world, l *allocation.View) (*allocation.View, error) {
			v, _, err := w.ReturnOne(ctx, a(w), allocation.ReturnInput{AllocationID: l.ID, Reason: reason, Returned: n, ExpectedVersion: ptr(l.Version)})
			return v, err
		}
	}
	lose := func(reason string) func(*world, *allocation.View) (*allocation.View, error) {
		return func(w *world, l *allocation.View) (*allocation.View, error) {
			v, _, err := w.LoseOne(ctx, w.Coordinator(), allocation.LoseInput{AllocationID: l.ID, Reason: reason, ExpectedVersion: ptr(l.Version)})
			return v, err
		}
	}
	owner, station := (*world).Partner, (*world).Coordinator
	few, all, more, none := pieces(4), pieces(10), pieces(11), pieces(0)
	grams := measure.Quantity{Value: 1, Unit: measure.Gram}
	for name, c := range map[string]struct {
		do               func(*world, *allocation.View) (*allocation.View, error)
		want             fault.Code
		state            allocation.State
		arrived, lost    int64
		missing, free    int64
		kind, why, field string
	}{
		"all arrived":                {deliver(allocation.DeliverInput{}), "", allocation.Delivered, 10, 0, 0, 10, "allocation.delivered", "", ""},
		"some arrived":               {deliver(allocation.DeliverInput{Delivered: &few}), "", allocation.Delivered, 4, 0, 6, 16, "allocation.delivered", "", ""},
		"some arrived, some lost":    {deliver(allocation.DeliverInput{Delivered: ptr(pieces(3)), Lost: &few, LossReason: ptr("DAMAGED")}), "", allocation.Delivered, 3, 4, 7, 13, "allocation.delivered", "DAMAGED", ""},
		"all but what was lost":      {deliver(allocation.DeliverInput{Lost: &few, LossReason: ptr("SPOILED")}), "", allocation.Delivered, 6, 4, 4, 10, "allocation.delivered", "SPOILED", ""},
		"lost without a reason":      {deliver(allocation.DeliverInput{Lost: &few}), fault.CodeRequired, allocation.Dispatched, 0, 0, 0, 10, "allocation.dispatched", "", "lossReason"},
		"a reason without a loss":    {deliver(allocation.DeliverInput{LossReason: ptr("LOST")}), fault.CodeRequired, allocation.Dispatched, 0, 0, 0, 10, "allocation.dispatched", "", "lost"},
		"a loss of no list":          {deliver(allocation.DeliverInput{Lost: &few, LossReason: ptr("OVERLOAD")}), fault.CodeCodeUnknown, allocation.Dispatched, 0, 0, 0, 10, "allocation.dispatched", "", "lossReason"},
		"more than all":              {deliver(allocation.DeliverInput{Delivered: ptr(pieces(7)), Lost: &few, LossReason: ptr("LOST")}), fault.CodeOutOfRange, allocation.Dispatched, 0, 0, 0, 10, "allocation.dispatched", "", "delivered"},
		"lost in another unit":       {deliver(allocation.DeliverInput{Lost: &grams, LossReason: ptr("LOST")}), fault.CodeUnitMismatch, allocation.Dispatched, 0, 0, 0, 10, "allocation.dispatched", "", "lost"},
		"it came back":               {back(owner, "NOBODY_THERE", nil), "", allocation.Returned, 0, 0, 10, 20, "allocation.returned", "NOBODY_THERE", ""},
		"all of it came back":        {back(station, "RECIPIENT_REFUSED", &all), "", allocation.Returned, 0, 0, 10, 20, "allocation.returned", "RECIPIENT_REFUSED", ""},
		"some of it came back":       {back(owner, "WRONG_ADDRESS", &few), "", allocation.Returned, 0, 6, 10, 14, "allocation.returned", "WRONG_ADDRESS", ""},
		"more came back than went":   {back(owner, "WRONG_ADDRESS", &more), fault.CodeOutOfRange, allocation.Dispatched, 0, 0, 0, 10, "allocation.dispatched", "", "returned"},
		"nothing of it came back":    {back(owner, "WRONG_ADDRESS", &none), fault.CodeOutOfRange, allocation.Dispatched, 0, 0, 0, 10, "allocation.dispatched", "", "returned"},
		"it came back as grams":      {back(owner, "WRONG_ADDRESS", &grams), fault.CodeUnitMismatch, allocation.Dispatched, 0, 0, 0, 10, "allocation.dispatched", "", "returned"},
		"it came back for no reason": {back(owner, "LOST", nil), fault.CodeCodeUnknown, allocation.Dispatched, 0, 0, 0, 10, "allocation.dispatched", "", "reason"},
		"it is lost":                 {lose("STOLEN"), "", allocation.Lost, 0, 10, 10, 10, "allocation.lost", "STOLEN", ""},
		"it is lost for no reason":   {lose("NOBODY_THERE"), fault.CodeCodeUnknown, allocation.Dispatched, 0, 0, 0, 10, "allocation.dispatched", "", "reason"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t)
			req, line, res, l := w.sent(t)
			v, err := c.do(w, l)
			testkit.WantCode(t, err, c.want)
			if f, ok := fault.As(err); ok && (len(f.Path) < 2 || f.Path[1] != c.field) {
				t.Errorf("refused at %v, want %s", f.Path, c.field)
			}
			w.want(t, req, res, request.InService, c.missing, 0, c.free)
			if got := w.last(t, "allocation", l.ID); got != [2]string{c.kind, c.why} {
				t.Errorf("log: %v", got)
			}
			if err != nil {
				return
			}
			if v.State != c.state || v.Lost.Value != c.lost || v.Returned.Value != 10-c.arrived-c.lost || (v.Reason == nil) != (c.why == "") {
				t.Errorf("%+v: %d lost, %d returned, reason %v", v, v.Lost.Value, v.Returned.Value, v.Reason)
			}
			stock, err := w.resources.Load(ctx, res)
			if err != nil || stock.Used != c.arrived || stock.Lost != c.lost || stock.Committed() != 0 {
				t.Errorf("%+v, %v", stock, err)
			}
			if c.missing > 0 { // what the line misses again is found anew, in service as it is
				again := w.hold(t, line, w.stock(t, 20), c.missing)
				testkit.WantCode(t, w.commit(again), "")
				w.want(t, req, res, request.InService, 0, 0, c.free)
			}
		})
	}
}

// What is over takes no step again, and its owner sees the request no more.
func TestWhatCameBackIsOver(t *testing.T) {
	t.Parallel()
	w := open(t)
	req, _, _, l := w.sent(t)
	if _, err := w.requests.Get(ctx, w.Partner(), req); err != nil {
		t.Fatal(err)
	}
	in := allocation.ReturnInput{AllocationID: l.ID, Reason: "RECALLED", ExpectedVersion: ptr(l.Version)}
	_, _, err := w.ReturnOne(ctx, w.Coordinator(), in)
	testkit.WantCode(t, err, "")
	_, err = w.requests.Get(ctx, w.Partner(), req)
	testkit.WantCode(t, err, fault.CodeNotFound)
	*in.ExpectedVersion++
	_, _, err = w.ReturnOne(ctx, w.Coordinator(), in)
	testkit.WantCode(t, err, fault.CodeTransition)
	_, _, err = w.LoseOne(ctx, w.Coordinator(), allocation.LoseInput{AllocationID: l.ID, Reason: "LOST", ExpectedVersion: in.ExpectedVersion})
	testkit.WantCode(t, err, fault.CodeTransition)
}

// In service the owner of another resource is asked, and answers, as in matching.
func TestAProposalIsDecidedInService(t *testing.T) {
	t.Parallel()
	w := open(t)
	req, line, _, l := w.sent(t)
	_, _, err := w.LoseOne(ctx, w.Partner(), allocation.LoseInput{AllocationID: l.ID, Reason: "LOST", ExpectedVersion: ptr(l.Version)})
	testkit.WantCode(t, err, "")
	p := w.propose(t, line, w.stock(t, 20), 10)
	_, err = w.requests.Get(ctx, w.Partner(), req)
	testkit.WantCode(t, err, "")
	_, _, err = w.matching.Decline(ctx, w.Partner(), matching.EndInput{MatchProposalID: p.ID, Reason: "STOCK", ExpectedVersion: p.Version})
	testkit.WantCode(t, err, "")
	_, err = w.requests.Get(ctx, w.Partner(), req)
	testkit.WantCode(t, err, fault.CodeNotFound)
}
