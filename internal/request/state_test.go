package request

import (
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/holiday"
	"github.com/fivesociety/linkage/internal/measure"
)

var now = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// edges are the state changes of domain.md §3b that this version takes.
var edges = map[State][]State{
	Draft:     {Submitted, Cancelled},
	Submitted: {Triaged, OnHold, Cancelled, Merged},
	Triaged:   {Accepted, Returned, Declined, Referred, OnHold, Cancelled, Merged},
	Referred:  {Triaged, Cancelled},
	Returned:  {Submitted, Cancelled, Merged},
	Accepted:  {Matching, Cancelled, Merged},
	Matching:  {Arranged, InService, OnHold, Cancelled, Merged},
	Arranged:  {InService, Matching, OnHold, Cancelled, Merged},
	InService: {Delivered, OnHold, Cancelled, Merged},
	Delivered: {Confirmed, InService},
	Confirmed: {Closed},
	Declined:  {Triaged}, // by an appeal
	Closed:    {Reopened},
	OnHold:    {Cancelled, Merged},
	Reopened:  {Triaged, Cancelled, Merged},
}

func TestTheLifeTableHasExactlyTheEdgesOfTheDomain(t *testing.T) {
	got := map[State]map[State]bool{}
	for _, tr := range Life {
		if tr.To == sameAsFrom {
			continue
		}
		for _, from := range tr.From {
			if got[from] == nil {
				got[from] = map[State]bool{}
			}
			got[from][tr.To] = true
		}
	}
	for from, want := range edges {
		for _, to := range want {
			if !got[from][to] {
				t.Errorf("%s → %s is missing", from, to)
			}
		}
		for to := range got[from] {
			if !slices.Contains(want, to) {
				t.Errorf("%s → %s is not in the domain", from, to)
			}
		}
	}
	for from := range got {
		if edges[from] == nil {
			t.Errorf("%s must be final", from)
		}
	}
}

func TestEveryStepIsRefusedOutsideItsStatesAndNamesTheAllowedOnes(t *testing.T) {
	for _, tr := range Life {
		for _, s := range states {
			r := &Request{Header: access.Header{State: string(s)}}
			_, err := r.take(tr.Step, now)
			if slices.Contains(tr.From, s) {
				if err != nil {
					t.Errorf("%s from %s: %v", tr.Step, s, err)
				}
				continue
			}
			e, ok := fault.As(err)
			if !ok || e.Code != fault.CodeTransition || r.State() != s {
				t.Fatalf("%s from %s: got %v, state %s", tr.Step, s, err, r.State())
			}
			for _, name := range e.Params["allowed"].([]string) {
				if !s.Allows(Step(name)) {
					t.Errorf("%s from %s names %s, which is not allowed", tr.Step, s, name)
				}
			}
		}
	}
}

func TestUrgentRequestsAreDueWithinTheHour(t *testing.T) {
	for urgency, want := range map[Urgency]time.Duration{Normal: 24 * time.Hour, High: 12 * time.Hour, Urgent: time.Hour} {
		r := &Request{Urgency: urgency, Header: access.Header{State: string(Draft)}}
		if _, err := r.take(StepSubmit, now); err != nil {
			t.Fatal(err)
		}
		if got := r.DueAt.Sub(now); got != want {
			t.Errorf("%s: due after %s, want %s", urgency, got, want)
		}
	}
}

// What a station has to do on a Friday evening is late on Monday, unless it is urgent; the
// asking side's week is a week.
func TestAnOfficeHasItsTimeOnWorkingDays(t *testing.T) {
	friday := time.Date(2026, 3, 6, 18, 0, 0, 0, clock.China)
	for _, c := range []struct {
		step    Step
		from    State
		urgency Urgency
		want    time.Time
	}{
		{StepSubmit, Draft, Normal, friday.AddDate(0, 0, 3)},
		{StepSubmit, Draft, High, friday.Add(60 * time.Hour)},
		{StepSubmit, Draft, Urgent, friday.Add(time.Hour)},
		{StepRefer, Triaged, Normal, friday.AddDate(0, 0, 5)},
		{StepConfirm, Delivered, Normal, friday.AddDate(0, 0, 11)},
		{StepDeliver, InService, Normal, friday.AddDate(0, 0, 7)},
	} {
		r := &Request{Urgency: c.urgency, Header: access.Header{State: string(c.from)}}
		if _, err := r.take(c.step, friday); err != nil {
			t.Fatal(err)
		}
		if !r.DueAt.Equal(c.want) || r.Wait != nil {
			t.Errorf("%s %s: %s, want %s", c.urgency, c.step, r.DueAt.In(clock.China), c.want)
		}
	}
	r := &Request{Header: access.Header{State: string(Submitted)}}
	r.wait(day, friday)
	r.Merge, r.Header.State = &Merge{From: Submitted, Due: r.DueAt, At: friday}, string(Merged)
	if r.unmerge(friday.Add(64 * time.Hour)); !r.DueAt.Equal(time.Date(2026, 3, 10, 10, 0, 0, 0, clock.China)) {
		t.Errorf("of a day that was left on Friday, on Monday at 10: %s", r.DueAt.In(clock.China))
	}
}

func TestCoverageIsComputedFromLivePromises(t *testing.T) {
	line := func(id string, need int64, promises ...Promise) Line {
		return Line{ID: id, Kind: KindGoods, Need: measure.Quantity{Value: need, Unit: measure.Piece}, Promises: promises}
	}
	held := func(v int64, until time.Time) Promise { return Promise{ID: "a", Stage: Held, Value: v, Until: until} }
	later, before := now.Add(time.Hour), now.Add(-time.Second)
	for name, c := range map[string]struct {
		lines []Line
		want  Coverage
	}{
		"no line":             {nil, None},
		"nothing promised":    {[]Line{line("1", 10)}, None},
		"part of a line":      {[]Line{line("1", 10, held(6, later))}, Partial},
		"one of two lines":    {[]Line{line("1", 10, held(10, later)), line("2", 1)}, Partial},
		"all lines":           {[]Line{line("1", 10, held(10, later))}, Full},
		"a lapsed hold":       {[]Line{line("1", 10, held(10, before))}, None},
		"a hold lapses now":   {[]Line{line("1", 10, held(10, now))}, None},
		"more than is needed": {[]Line{line("1", 10, held(11, later))}, Full},
		"a cancelled line":    {[]Line{line("1", 10, held(10, later)), {ID: "2", Ended: LineCancelled}}, Full},
		"only cancelled":      {[]Line{{ID: "2", Ended: LineCancelled}}, None},
		"a line closed short": {[]Line{{ID: "1", Ended: LineShort, Promises: []Promise{held(3, later)}}}, Full},
	} {
		r := &Request{Lines: c.lines}
		if got := r.Coverage(now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestPromisesMoveTheRequest(t *testing.T) {
	r := &Request{
		Header: access.Header{State: string(Matching)},
		Lines:  []Line{{ID: "1", Kind: KindGoods, Need: measure.Quantity{Value: 10, Unit: measure.Piece}}},
	}
	step := func(v int64, stage Stage, want State) {
		t.Helper()
		if _, err := r.Promise("1", Promise{ID: "a", Stage: stage, Value: v}, now); err != nil {
			t.Fatal(err)
		}
		if r.State() != want {
			t.Fatalf("%d %s: state %s, want %s", v, stage, r.State(), want)
		}
	}
	step(4, Held, Matching)
	step(10, Held, Arranged)
	step(10, Committed, Arranged)
	step(0, Committed, Matching) // fell away
	step(10, Held, Arranged)
	if _, err := r.Start(now); err != nil || r.State() != InService {
		t.Fatal(err, r.State())
	}
	step(0, Held, InService) // under way: losing a promise does not go back
}

func TestAPartlyArrangedRequestWaitsAgainWhenItsWholePartIsGone(t *testing.T) {
	r := &Request{
		Header: access.Header{State: string(Arranged)}, Partial: true, Reason: "URGENT", ReasonList: "PARTIAL_REASON",
		Lines: []Line{{ID: "1", Kind: KindGoods, Need: measure.Quantity{Value: 10, Unit: measure.Piece}, Promises: []Promise{
			{ID: "a", Stage: Committed, Value: 4}, {ID: "b", Stage: Committed, Value: 4},
		}}},
	}
	for _, c := range []struct {
		id   string
		want State
	}{{"a", Arranged}, {"b", Matching}} {
		if _, err := r.Promise("1", Promise{ID: c.id}, now); err != nil {
			t.Fatal(err)
		}
		if r.State() != c.want || r.Partial != (c.want == Arranged) || (r.Reason == "") != (c.want == Matching) {
			t.Fatalf("without %s: %s, %q", c.id, r.State(), r.Reason)
		}
	}
}

func TestALineStateFollowsItsPromises(t *testing.T) {
	l := Line{Need: measure.Quantity{Value: 10, Unit: measure.Piece}}
	for _, c := range []struct {
		stage   Stage
		value   int64
		want    LineState
		missing int64
	}{{Held, 4, LineOpen, 6}, {Held, 10, LineHeld, 0}, {Committed, 10, LineCommitted, 0}, {Fulfilled, 9, LineOpen, 1}, {Fulfilled, 10, LineFulfilled, 0}} {
		l.Promise(Promise{ID: "a", Stage: c.stage, Value: c.value})
		if l.State(now) != c.want || l.Missing(now) != c.missing || len(l.Promises) != 1 {
			t.Errorf("%s %d: %s, missing %d", c.stage, c.value, l.State(now), l.Missing(now))
		}
	}
}

func TestStricterNeverOpens(t *testing.T) {
	for i, a := range access.Classes {
		for j, b := range access.Classes {
			if got := access.Stricter(a, b); got != access.Classes[max(i, j)] {
				t.Errorf("access.Stricter(%s, %s) = %s", a, b, got)
			}
		}
	}
}

// Whatever the table gives a time to is followed by something when that time is over, at
// that moment and not before, and after at most two such steps by nothing more.
func TestWhatIsDueIsFollowedBySomethingOnce(t *testing.T) {
	for _, tr := range Life {
		if tr.Due == 0 || tr.Step == StepResume {
			continue
		}
		for _, urgency := range []Urgency{Normal, High, Urgent} {
			window := &measure.Window{From: now, To: now.Add(50 * time.Hour)}
			r := &Request{Urgency: urgency, Header: access.Header{State: string(tr.From[0])}, Window: window, Lines: []Line{{ID: "1"}}, Disputed: tr.Step == StepDispute}
			if _, err := r.take(tr.Step, now); err != nil {
				t.Fatal(err)
			}
			share := map[Urgency]time.Duration{Normal: 1, High: 2, Urgent: 24}[urgency]
			want := now.Add(tr.Due / share)
			if r.State() == InService {
				want = window.To.Add(tr.Due / share)
			}
			if asking := []Step{StepReturn, StepDeliver, systemRemind, StepSettle}; urgency != Urgent && !slices.Contains(asking, tr.Step) {
				var err error // the office's time runs on working days
				if want, err = holiday.Add(want.Add(-tr.Due/share), tr.Due/share); err != nil {
					t.Fatal(err)
				}
			}
			if !r.DueAt.Equal(want) {
				t.Errorf("%s, %s: due %s, want %s", tr.Step, urgency, r.DueAt, want)
			}
			taken := 0
			for at := r.DueAt; timer(r) == any(at) && !at.IsZero(); at = r.DueAt {
				step, ok := r.elapses()
				if !ok || !r.State().Allows(step) {
					t.Fatalf("%s: %s is not allowed in %s", tr.Step, step, r.State())
				}
				if _, err := r.take(step, at); err != nil {
					t.Fatal(err)
				}
				r.Escalated = r.Escalated || step == systemEscalate || step == systemSilent // as elapsed does
				if taken++; taken > 2 {
					t.Fatalf("%s: %s again and again", tr.Step, step)
				}
			}
			if taken == 0 && r.State() != Accepted { // left at once, for MATCHING
				t.Errorf("%s: nothing follows in %s", tr.Step, r.State())
			}
		}
	}
}
