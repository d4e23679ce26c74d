package request_test

import (
	"slices"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/testkit"
)

func TestAProposalToDeclineEndsWithTheTriageItWasMadeIn(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.person(t, access.Protected)
	first, second := w.Officer(), w.Officer()
	second.ID = "acc_second"
	v, _ := w.submit(t, w.System(), w.draft(t, w.System(), &person))
	v = w.triage(t, first, v, access.Protected)
	decline := func(a access.Actor) {
		t.Helper()
		in := request.DeclineInput{ServiceRequestID: v.ID, Reason: "NOT_ELIGIBLE", Alternative: "区民政局", ExpectedVersion: v.Version}
		got, _, err := w.Decline(ctx, a, in)
		testkit.WantCode(t, err, "")
		v = got
	}
	decline(first)
	v, _, err := w.Return(ctx, first, request.ReturnInput{ServiceRequestID: v.ID, Missing: []string{"TIME"}, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	v, _ = w.submit(t, w.System(), v)
	v = w.triage(t, second, v, access.Protected)
	decline(second)
	if v.State != request.Triaged || !v.DeclineProposed {
		t.Fatalf("one person alone declined: %s", v.State)
	}
	hold := request.HoldInput{ServiceRequestID: v.ID, ResumeOn: "2026-03-10", Reason: "WEATHER", ExpectedVersion: v.Version}
	v, _, err = w.Hold(ctx, first, hold)
	testkit.WantCode(t, err, "")
	v, _, err = w.Resume(ctx, first, request.ResumeInput{ServiceRequestID: v.ID, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	decline(first)
	decline(second)
	if v.State != request.Declined {
		t.Fatalf("got %s", v.State)
	}
	var declined []string
	for _, k := range w.kinds(t, v.ID) {
		if k == "request.declined" || k == "request.decline.proposed" {
			declined = append(declined, k)
		}
	}
	if want := []string{"request.decline.proposed", "request.decline.proposed", "request.decline.proposed", "request.declined"}; !slices.Equal(declined, want) {
		t.Errorf("the log says %v", declined)
	}
}
