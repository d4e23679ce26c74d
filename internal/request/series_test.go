package request_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

// lunch is a need that comes back, first on Tuesday 2026-03-03 from 11 to 12 in China.
func lunch(person *string, rule string, working bool) request.DraftInput {
	from := time.Date(2026, 3, 3, 11, 0, 0, 0, clock.China)
	return request.DraftInput{
		RecipientID: person, CommunityID: ptr(community.ID(testkit.Community1)), Category: "MEAL_DELIVERY", Title: "午餐",
		Window: &measure.Window{From: from, To: from.Add(time.Hour)}, NeedLines: []request.LineInput{line("一份饭")},
		Recurrence: &request.RecurrenceInput{Rule: rule, WorkingDaysOnly: working},
	}
}

// series is one whose first occurrence was accepted.
func (w *world) series(t *testing.T, in request.DraftInput) *request.View {
	t.Helper()
	v, _, err := w.Draft(ctx, w.System(), in)
	testkit.WantCode(t, err, "")
	v, _ = w.submit(t, w.System(), v)
	v = w.triage(t, w.System(), v, access.Restricted)
	v, _, err = w.Accept(ctx, w.System(), request.AcceptInput{ServiceRequestID: v.ID, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	return v
}

// appeared are the days on which occurrences of a series begin, in their order, after
// time has done what it does.
func (w *world) appeared(t *testing.T, first string) (days []string) {
	t.Helper()
	_, err := w.Recur(ctx, w.System())
	testkit.WantCode(t, err, "")
	all, err := w.Occurrences(ctx, w.System(), first)
	testkit.WantCode(t, err, "")
	for _, v := range all {
		days = append(days, v.Window.From.In(clock.China).Format("01-02 15"))
	}
	slices.Sort(days)
	return days
}

func TestOccurrencesAppearAheadOfTheirTime(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.person(t, access.Restricted)
	v := w.series(t, lunch(&person, "FREQ=DAILY;UNTIL=20260430", true))
	want := []string{"03-04 11", "03-05 11", "03-06 11", "03-09 11", "03-10 11", "03-11 11", "03-12 11", "03-13 11"}
	if got := w.appeared(t, v.ID); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if got := w.appeared(t, v.ID); len(got) != len(want) {
		t.Errorf("again: %v", got)
	}
	all, err := w.Occurrences(ctx, w.System(), v.ID)
	testkit.WantCode(t, err, "")
	o, err := w.Get(ctx, w.Coordinator(), all[0].ID)
	if err != nil || o.State != request.Submitted || *o.Title != "午餐" || *o.NeedLines[0].Title != "一份饭" || o.NeedLines[0].ID == v.NeedLines[0].ID || o.Recipient == nil || o.DueAt == nil {
		t.Errorf("%+v, %v", o, err)
	}
	first, err := w.OccurrenceOf(ctx, w.Coordinator(), []*request.View{o})
	if err != nil || first[0].ID != v.ID || first[0].Recurrence.Rule != "FREQ=DAILY;UNTIL=20260430" {
		t.Errorf("%+v, %v", first, err)
	}

	// One is changed, one is cancelled, a later one is left out: the others stay as they are.
	_, _, err = w.Change(ctx, w.Coordinator(), request.ChangeInput{ServiceRequestID: o.ID, Title: ptr("晚餐"), ExpectedVersion: o.Version})
	testkit.WantCode(t, err, "")
	_, _, err = w.Change(ctx, w.Coordinator(), request.ChangeInput{ServiceRequestID: v.ID, Title: ptr("早餐"), ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	_, _, err = w.Cancel(ctx, w.Coordinator(), request.CancelInput{ServiceRequestID: v.ID, Reason: "NO_LONGER_NEEDED", ExpectedVersion: v.Version + 1})
	testkit.WantCode(t, err, "")
	skip := func(day usecase.Date) error {
		now, err := w.Get(ctx, w.System(), v.ID)
		testkit.WantCode(t, err, "")
		_, _, err = w.SeriesSkip(ctx, resident(person), request.SeriesSkipInput{ServiceRequestID: v.ID, SkipOn: day, ExpectedVersion: now.Version})
		return err
	}
	testkit.WantCode(t, skip("2026-03-16"), "")
	testkit.WantCode(t, skip("2026-03-16"), fault.CodeInvalid) // twice
	testkit.WantCode(t, skip("2026-03-12"), fault.CodeInvalid) // has appeared
	testkit.WantCode(t, skip("2026-03-21"), fault.CodeInvalid) // a Saturday
	w.Clock.Advance(4 * 24 * time.Hour)
	if got := w.appeared(t, v.ID); !slices.Equal(got, append(want, "03-17 11", "03-18 11", "03-19 11", "03-20 11")[:11]) {
		t.Errorf("%v", got)
	}
	all, err = w.Occurrences(ctx, w.System(), v.ID)
	testkit.WantCode(t, err, "")
	titles := map[string]int{}
	for _, o := range all {
		titles[*o.Title]++
	}
	if titles["午餐"] != 10 || titles["晚餐"] != 1 {
		t.Errorf("%v", titles)
	}

	now, err := w.Get(ctx, w.System(), v.ID)
	testkit.WantCode(t, err, "")
	ended, _, err := w.SeriesEnd(ctx, w.Coordinator(), request.SeriesEndInput{ServiceRequestID: v.ID, ExpectedVersion: now.Version})
	if err != nil || ended.Recurrence.EndedAt == nil {
		t.Errorf("%+v, %v", ended, err)
	}
	testkit.WantCode(t, skip("2026-03-30"), fault.CodeInvalid)
	w.Clock.Advance(30 * 24 * time.Hour)
	if got := w.appeared(t, v.ID); len(got) != 11 {
		t.Errorf("after its end: %v", got)
	}
}

// Nothing appears before the first is accepted; days that are over make nothing.
func TestASeriesBeginsWithAnAcceptedRequest(t *testing.T) {
	t.Parallel()
	w := open(t)
	in := lunch(nil, "RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=5", false)
	v, _, err := w.Draft(ctx, w.System(), in)
	testkit.WantCode(t, err, "")
	v, _ = w.submit(t, w.System(), v)
	if got := w.appeared(t, v.ID); len(got) != 0 {
		t.Errorf("%v", got)
	}
	w.Clock.Advance(5 * 24 * time.Hour)
	v = w.triage(t, w.System(), v, access.Restricted)
	_, _, err = w.Accept(ctx, w.System(), request.AcceptInput{ServiceRequestID: v.ID, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	if got := w.appeared(t, v.ID); !slices.Equal(got, []string{"03-10 11", "03-12 11", "03-17 11"}) {
		t.Errorf("%v", got)
	}
}

// A series rests on the ground of its first request; when that is gone it stops and says so.
func TestASeriesStopsWhenItsGroundIsGone(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.person(t, access.Restricted)
	v := w.series(t, lunch(&person, "FREQ=WEEKLY;COUNT=20", false))
	w.edit(t, v.ID, func(r *request.Request) { r.Basis = "" })
	if got := w.appeared(t, v.ID); len(got) != 0 {
		t.Errorf("%v", got)
	}
	if got := w.kinds(t, v.ID); got[len(got)-1] != "request.series.stopped" {
		t.Errorf("log %v", got)
	}
	given, _, err := w.recipients.Grant(ctx, w.System(), recipient.ConsentGrant{RecipientID: person, Purpose: "SERVICE", GivenBy: recipient.ByRecipient, Evidence: ptr("同意书001")})
	testkit.WantCode(t, err, "")
	if got := w.appeared(t, v.ID); given.ID == "" || len(got) != 0 {
		t.Errorf("it went on: %v", got)
	}
}

func TestARuleHasAnEndAndIsBounded(t *testing.T) {
	t.Parallel()
	w := open(t)
	for rule, want := range map[string]string{
		"FREQ=DAILY;COUNT=400":                                          "",
		"FREQ=MONTHLY;BYDAY=1TU;UNTIL=20270303T000000Z":                 "",
		"FREQ=WEEKLY;INTERVAL=2;COUNT=3;WKST=SU":                        "",
		"FREQ=MONTHLY;BYMONTHDAY=3;COUNT=24":                            "",
		"FREQ=DAILY":                                                    "RRULE_END",
		"FREQ=DAILY;COUNT=3;UNTIL=20260401":                             "RRULE_END",
		"FREQ=DAILY;COUNT=0":                                            "RRULE_END",
		"FREQ=DAILY;COUNT=1000000":                                      "OUT_OF_RANGE",
		"FREQ=DAILY;COUNT=401":                                          "OUT_OF_RANGE",
		"FREQ=DAILY;UNTIL=20270501":                                     "OUT_OF_RANGE", // 425 days
		"FREQ=MONTHLY;UNTIL=20280401":                                   "OUT_OF_RANGE", // over two years
		"FREQ=HOURLY;COUNT=3":                                           "RRULE",
		"FREQ=SECONDLY;UNTIL=20260401":                                  "RRULE",
		"FREQ=YEARLY;COUNT=2":                                           "RRULE",
		"FREQ=DAILY;COUNT=3;BYHOUR=1,2,3":                               "RRULE",
		"FREQ=DAILY;COUNT=3;X-OWN=1":                                    "RRULE",
		"FREQ=DAILY;COUNT=3;COUNT=4":                                    "RRULE",
		"FREQ=DAILY;COUNT=-3":                                           "RRULE",
		"FREQ=DAILY;COUNT=99999999999999999999":                         "RRULE",
		"FREQ=DAILY;INTERVAL=1000000;COUNT=2":                           "RRULE",
		"FREQ=DAILY;INTERVAL=7;BYDAY=MO;COUNT=2":                        "RRULE", // never a Tuesday
		"FREQ=WEEKLY;BYDAY=2TU;COUNT=2":                                 "RRULE",
		"FREQ=MONTHLY;BYMONTHDAY=99;COUNT=2":                            "RRULE",
		"FREQ=MONTHLY;BYDAY=1WE;COUNT=2":                                "FIRST_OCCURRENCE",
		"FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;COUNT=2":                "FIRST_OCCURRENCE",
		"DTSTART:20200101T000000Z\nFREQ=DAILY;COUNT=3":                  "RRULE",
		"FREQ=DAILY;INTERVAL=0;COUNT=3":                                 "RRULE",
		"FREQ=MONTHLY;INTERVAL=25;COUNT=2":                              "OUT_OF_RANGE",
		"COUNT=3":                                                       "RRULE",
		"":                                                              "RRULE",
		"FREQ=DAILY;COUNT=3;BYDAY=" + strings.Repeat("TU,", 200) + "TU": "RRULE",
	} {
		_, _, err := w.Draft(ctx, w.System(), lunch(nil, rule, false))
		got := ""
		if e, ok := fault.As(err); ok {
			if got, _ = e.Params["rule"].(string); got == "" {
				got = string(e.Code)
			}
			if !slices.Equal(e.Path, []string{"input", "recurrence", "rule"}) {
				t.Errorf("%s: at %v", rule, e.Path)
			}
		}
		if got != want {
			t.Errorf("%q: %v, want %s", rule, err, want)
		}
	}
	_, _, err := w.Draft(ctx, w.System(), lunch(nil, "FREQ=DAILY;UNTIL=20270110", true))
	testkit.WantCode(t, err, fault.CodeHolidaysUnknown)
	in := lunch(nil, "FREQ=DAILY;COUNT=3", false)
	in.Window = nil
	_, _, err = w.Draft(ctx, w.System(), in)
	testkit.WantCode(t, err, fault.CodeRequired)
	sunday := lunch(nil, "FREQ=DAILY;COUNT=9", true)
	sunday.Window = &measure.Window{From: time.Date(2026, 3, 8, 11, 0, 0, 0, clock.China), To: time.Date(2026, 3, 8, 12, 0, 0, 0, clock.China)}
	_, _, err = w.Draft(ctx, w.System(), sunday)
	testkit.WantCode(t, err, fault.CodeInvalid)
}

// What a series makes goes to the station that has its request now, also when that is closed,
// and that station sees the person as long as it has one of them open; once nobody may be
// told of the person there, it goes to the station of their home.
func TestASeriesFollowsItsReferredRequest(t *testing.T) {
	t.Parallel()
	w := open(t)
	other := w.AddStation(t, "区社工站", station.SocialWork, station.County, testkit.Lunan)
	person := w.person(t, access.Restricted)
	consent, _, err := w.recipients.Grant(ctx, w.System(), recipient.ConsentGrant{RecipientID: person, Purpose: "REFERRAL", GivenBy: recipient.ByRecipient, Evidence: ptr("同意书001")})
	testkit.WantCode(t, err, "")
	v, _, err := w.Draft(ctx, w.System(), lunch(&person, "FREQ=DAILY;COUNT=40", false))
	testkit.WantCode(t, err, "")
	v, _ = w.submit(t, w.System(), v)
	v = w.triage(t, w.System(), v, access.Restricted)
	v, err = w.refer(w.Coordinator(), v, other, nil)
	testkit.WantCode(t, err, "")
	v, err = w.take(desk(other), v.ID)
	testkit.WantCode(t, err, "")
	v, _, err = w.Accept(ctx, desk(other), request.AcceptInput{ServiceRequestID: v.ID, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	at := func(want string, n int) {
		t.Helper()
		made, err := w.Occurrences(ctx, w.System(), v.ID)
		testkit.WantCode(t, err, "")
		got := map[string]int{}
		for _, o := range made {
			got[o.Station.ID]++
		}
		if got[want] != n {
			t.Errorf("%d at %s, want %d: %v", got[want], want, n, got)
		}
	}
	first := len(w.appeared(t, v.ID))
	at(other, first)
	w.edit(t, v.ID, func(r *request.Request) { r.Header.State, r.EndedAt = string(request.Closed), w.Core.Time() })
	w.Clock.Advance(3 * 24 * time.Hour)
	if n := len(w.appeared(t, v.ID)); n != first+3 {
		t.Fatalf("%d appeared", n)
	}
	at(other, first+3)
	if _, err := w.recipients.Get(ctx, desk(other), person); err != nil {
		t.Errorf("the station does not see whom it serves: %v", err)
	}
	_, _, err = w.recipients.Withdraw(ctx, w.System(), recipient.ConsentWithdraw{ConsentID: consent.ID, ExpectedVersion: consent.Version})
	testkit.WantCode(t, err, "")
	w.Clock.Advance(2 * 24 * time.Hour)
	w.appeared(t, v.ID)
	at(other, first+3)
	at(w.Station, 2)
}
