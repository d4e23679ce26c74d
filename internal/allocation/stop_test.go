package allocation_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit"
)

// ends are the ways in which a resource ends under what was taken of it, with the
// reason that every log entry of it gives.
var ends = map[string]struct {
	reason string
	end    func(w *world, res string) error
}{
	"withdrawn": {"RESOURCE_WITHDRAWN", func(w *world, res string) error {
		_, _, err := w.resources.Withdraw(ctx, w.Partner(), resource.Withdraw{CharityResourceID: res, Reason: "SAFETY", ExpectedVersion: 2})
		return err
	}},
	"called back": {"RECALLED", func(w *world, res string) error {
		v, sent, err := w.Recall(ctx, w.Partner(), resource.Recall{CharityResourceID: res, Reason: "UNSAFE", ExpectedVersion: 2})
		if err == nil && (v.State != resource.Recalled || len(sent) != 1 || sent[0].State != allocation.Dispatched) {
			err = fmt.Errorf("%+v, sent %+v", v, sent)
		}
		return err
	}},
	"owner suspended": {"OWNER_STOPPED", func(w *world, _ string) error { return w.suspend() }},
	"owner barred": {"OWNER_STOPPED", func(w *world, _ string) error {
		_, _, err := w.Organisations.Bar(ctx, w.Admin(), organisation.Bar{OrganisationID: w.Organisation, Reason: "COMPLAINT", ExpectedVersion: 3})
		return err
	}},
	"owner listed": {"CREDIT_LISTED", func(w *world, _ string) error {
		_, _, err := w.Organisations.CreditRecord(ctx, w.Admin(), organisation.CreditRecord{
			OrganisationID: w.Organisation, Credit: organisation.AbnormalListed, Source: "公告 2026-1", ExpectedVersion: 3,
		})
		return err
	}},
	"owner deregistered": {"OWNER_STOPPED", func(w *world, _ string) error {
		_, _, err := w.Organisations.CreditRecord(ctx, w.Admin(), organisation.CreditRecord{
			OrganisationID: w.Organisation, Credit: organisation.Deregistered, Source: "公告 2026-2", ExpectedVersion: 3,
		})
		return err
	}},
}

func (w *world) suspend() error {
	_, _, err := w.Organisations.Suspend(ctx, w.Admin(), organisation.Suspend{OrganisationID: w.Organisation, Reason: "COMPLAINT", ExpectedVersion: 3})
	return err
}

// last is the kind and reason of a row's last log entry.
func (w *world) last(t *testing.T, noun, id string) [2]string {
	t.Helper()
	log, err := w.Core.DB.Log(ctx, store.LogQuery{Noun: noun, ID: id})
	if err != nil || len(log) == 0 {
		t.Fatal(log, err)
	}
	e := log[len(log)-1]
	return [2]string{e.Kind, e.Reason}
}

// What is held or promised is released with the resource, what is on its way stays.
func TestTheEndOfAResourceReleasesWhatIsNotOnItsWay(t *testing.T) {
	t.Parallel()
	for name, c := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t)
			res := w.stock(t, 20)
			held, heldLine := w.need(t, 2)
			promised, promisedLine := w.need(t, 3)
			sent, sentLine := w.need(t, 4)
			_, openLine := w.need(t, 5)
			h, p, s := w.hold(t, heldLine, res, 2), w.hold(t, promisedLine, res, 3), w.hold(t, sentLine, res, 4)
			asked := w.propose(t, openLine, res, 5)
			testkit.WantCode(t, w.commit(p), "")
			testkit.WantCode(t, w.commit(s), "")
			_, _, err := w.Dispatch(ctx, w.Partner(), allocation.DispatchInput{AllocationID: s.ID, ExpectedVersion: ptr(s.Version + 1)})
			testkit.WantCode(t, err, "")

			testkit.WantCode(t, c.end(w, res), "")
			w.want(t, held, res, request.Matching, 2, 0, 16)
			w.want(t, promised, res, request.Matching, 3, 0, 16)
			w.want(t, sent, res, request.InService, 0, 0, 16)
			for _, id := range []string{h.ID, p.ID} {
				v, err := w.Get(ctx, w.Coordinator(), id)
				if err != nil || v.State != allocation.Released || v.Reason == nil || v.Reason.ID != c.reason {
					t.Errorf("%+v, %v", v, err)
				}
				if got := w.last(t, "allocation", id); got != [2]string{"allocation.released", c.reason} {
					t.Errorf("allocation: %v", got)
				}
			}
			for _, id := range []string{held, promised} {
				if got := w.last(t, "request", id); got != [2]string{"request.matching", c.reason} {
					t.Errorf("request: %v", got)
				}
			}
			if got := w.last(t, "proposal", asked.ID); got != [2]string{"proposal.superseded", c.reason} {
				t.Errorf("proposal: %v", got)
			}
			v, err := w.matching.Get(ctx, w.Coordinator(), asked.ID)
			if err != nil || v.State != matching.Superseded || v.Reason == nil || v.Reason.ID != c.reason {
				t.Errorf("%+v, %v", v, err)
			}
			_, _, err = w.Deliver(ctx, w.Coordinator(), allocation.DeliverInput{AllocationID: s.ID, ExpectedVersion: ptr(s.Version + 2)})
			testkit.WantCode(t, err, "") // it may still arrive
			w.want(t, sent, res, request.InService, 0, 0, 16)
		})
	}
}

// An acceptance asks for the owner's standing itself: whatever has stopped the owner,
// nothing new is taken of what it offers.
func TestNothingIsAcceptedOfAnOwnerWithoutStanding(t *testing.T) {
	t.Parallel()
	w := open(t)
	req, line := w.need(t, 7)
	res := w.stock(t, 10)
	p := w.propose(t, line, res, 7)
	err := w.Core.DB.Tx(ctx, func(ctx context.Context) error {
		o, err := w.Organisations.Rows().Get(ctx, w.Organisation)
		if err != nil {
			return err
		}
		o.Credit = organisation.SeriousListed // and nobody was told
		return w.Organisations.Rows().Touch(ctx, o, store.Note{Kind: "organisation.changed"})
	})
	testkit.WantCode(t, err, "")
	_, _, err = w.matching.Accept(ctx, w.Partner(), matching.AcceptInput{MatchProposalID: p.ID, ExpectedVersion: p.Version})
	testkit.WantCode(t, err, fault.CodeOrganisationBarred)
	w.want(t, req, res, request.Matching, 7, 0, 10)
}

// A suspension and an acceptance race: whichever is first, nothing stays held.
func TestASuspensionRacesWithAnAcceptance(t *testing.T) {
	t.Parallel()
	for range 10 {
		w := open(t)
		req, line := w.need(t, 7)
		res := w.stock(t, 10)
		p := w.propose(t, line, res, 7)
		stopped, accepted := make(chan error, 1), make(chan error, 1)
		go func() { stopped <- w.suspend() }()
		go func() {
			_, _, err := w.matching.Accept(ctx, w.Partner(), matching.AcceptInput{MatchProposalID: p.ID, HoldFor: ptr(time.Hour), ExpectedVersion: p.Version})
			accepted <- err
		}()
		testkit.WantCode(t, <-stopped, "")
		if err := <-accepted; err != nil {
			testkit.WantCode(t, err, fault.CodeAlreadyDecided)
		}
		w.want(t, req, res, request.Matching, 7, 0, 10)
	}
}
