package offer

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit"
)

// now is a Monday in China.
var now = testkit.Start

// TestLife: each step from each state leads where the table of domain.md says, or is
// refused.
func TestLife(t *testing.T) {
	t.Parallel()
	leads := map[string]State{
		"DRAFT CHANGE": Draft, "DRAFT SUBMIT": InReview, "IN_REVIEW PUBLISH": Published, "IN_REVIEW RETURN": Draft, "PUBLISHED PAUSE": Paused,
		"PAUSED RESUME": Published, "EXHAUSTED RESUME": Published,
		"DRAFT WITHDRAW": Withdrawn, "IN_REVIEW WITHDRAW": Withdrawn, "PUBLISHED WITHDRAW": Withdrawn, "PAUSED WITHDRAW": Withdrawn, "EXHAUSTED WITHDRAW": Withdrawn,
	}
	for _, from := range States {
		for _, act := range []Action{ActChange, ActSubmit, ActPublish, ActReturn, ActPause, ActResume, ActWithdraw} {
			o := &Offer{Header: access.Header{State: string(from)}, EndsOn: "2026-12-31"}
			_, err := o.take(act, nil, now)
			to, allowed := leads[string(from)+" "+string(act)]
			switch {
			case allowed && (err != nil || o.State() != to):
				t.Errorf("%s %s: %s, %v", from, act, o.State(), err)
			case !allowed && (fault.CodeOf(err) != fault.CodeTransition || o.State() != from):
				t.Errorf("%s %s: %s, %v", from, act, o.State(), err)
			}
			o.Header.State, o.EndsOn = string(from), "2026-03-01" // yesterday
			if _, err := o.take(act, nil, now); err == nil {
				t.Errorf("%s %s after its last day", from, act)
			}
		}
	}
}

// TestRights: each role's steps with an offer in each state.
func TestRights(t *testing.T) {
	t.Parallel()
	head := access.Header{Class: access.Public, Station: "sta_1"}
	head.Place("1302")
	head.Relate(access.PartyOwner, "org_1")
	as := func(role access.Role, scope, area string) access.Actor {
		return access.Actor{ID: "acc_1", Grants: []access.Grant{{ID: "g", Role: role, Scope: scope, Area: area}}}
	}
	for name, c := range map[string]struct {
		a    access.Actor
		want map[State]string
	}{
		"the owner":                {as(access.Partner, "org_1", "1302"), map[State]string{Draft: "[CHANGE SUBMIT WITHDRAW]", InReview: "[WITHDRAW]", Published: "[PAUSE WITHDRAW]", Paused: "[RESUME WITHDRAW]", Exhausted: "[RESUME WITHDRAW]"}},
		"the station":              {as(access.Coordinator, "sta_1", "130203"), map[State]string{Draft: "[WITHDRAW]", InReview: "[PUBLISH RETURN WITHDRAW]", Published: "[PAUSE WITHDRAW]", Paused: "[RESUME WITHDRAW]", Exhausted: "[RESUME WITHDRAW]"}},
		"the station's officer":    {as(access.ProtectionOfficer, "sta_1", "130203"), map[State]string{Draft: "[WITHDRAW]", InReview: "[PUBLISH RETURN WITHDRAW]", Published: "[PAUSE WITHDRAW]", Paused: "[RESUME WITHDRAW]", Exhausted: "[RESUME WITHDRAW]"}},
		"another owner":            {as(access.Partner, "org_2", "1302"), nil},
		"another station":          {as(access.Coordinator, "sta_2", "130203"), nil},
		"an administrator":         {as(access.Admin, "div_1", "1302"), nil},
		"a supervisor":             {as(access.Supervisor, "div_1", "1302"), nil},
		"a social worker":          {as(access.SocialWorker, "wrk_1", "1302"), nil},
		"a volunteer":              {as(access.Volunteer, "vol_1", "1302"), nil},
		"an officer elsewhere":     {as(access.ProtectionOfficer, "sta_3", "1302"), nil},
		"an auditor":               {as(access.Auditor, "div_1", "1302"), nil},
		"somebody without a grant": {access.Actor{ID: "acc_1"}, nil},
		"nobody":                   {access.Nobody(), nil},
	} {
		for _, s := range States {
			o := &Offer{Header: head, EndsOn: "2026-12-31"}
			o.Header.State = string(s)
			want := c.want[s]
			if want == "" {
				want = "[]"
			}
			if got := fmt.Sprint(allowed(access.See(c.a, Noun), o, now)); got != want {
				t.Errorf("%s, %s: %s, want %s", name, s, got, want)
			}
		}
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o    Offer
		want string
		code fault.Code
	}{
		"once":                  {Offer{StartsOn: "2026-03-02", EndsOn: "2026-03-09"}, "[ofr_1/2026-03-09]", ""},
		"every day":             {Offer{StartsOn: "2026-03-02", Rule: "FREQ=DAILY;COUNT=3"}, "[ofr_1/2026-03-02 ofr_1/2026-03-03 ofr_1/2026-03-04]", ""},
		"working days, a feast": {Offer{StartsOn: "2026-04-03", Rule: "FREQ=DAILY;UNTIL=20260407", WorkingDays: true}, "[ofr_1/2026-04-03 ofr_1/2026-04-07]", ""},
		"first of the month":    {Offer{StartsOn: "2026-03-02", Rule: "FREQ=MONTHLY;BYMONTHDAY=1;COUNT=2"}, "[ofr_1/2026-04-01 ofr_1/2026-05-01]", ""},
		"no end":                {Offer{StartsOn: "2026-03-02", Rule: "FREQ=DAILY"}, "[]", fault.CodeInvalid},
		"a million":             {Offer{StartsOn: "2026-03-02", Rule: "FREQ=DAILY;COUNT=1000000"}, "[]", fault.CodeOutOfRange},
		"every second":          {Offer{StartsOn: "2026-03-02", Rule: "FREQ=SECONDLY;COUNT=3"}, "[]", fault.CodeInvalid},
		"no calendar":           {Offer{StartsOn: "2027-12-30", Rule: "FREQ=DAILY;COUNT=9", WorkingDays: true}, "[]", fault.CodeHolidaysUnknown},
	} {
		c.o.Head = store.Head{ID: "ofr_1"}
		turns, err := c.o.turns()
		var keys []string
		for _, turn := range turns {
			keys = append(keys, turn.Key)
		}
		if got := fmt.Sprint(keys); got != c.want || fault.CodeOf(err) != c.code && (err != nil || c.code != "") {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

// TestWithin: an occurrence is offered as far as it lies in what is wanted.
func TestWithin(t *testing.T) {
	t.Parallel()
	o := &Offer{Head: store.Head{ID: "ofr_1"}, StartsOn: "2026-03-02", Rule: "FREQ=DAILY;COUNT=60"}
	turns, err := o.turns()
	testkit.WantCode(t, err, "")
	x := &standing{Offer: o, to: turns}
	if got := len(x.within(nil)); got != maxTurns {
		t.Errorf("%d turns for a need of any time", got)
	}
	noon := turns[1].From.Add(12 * time.Hour)
	got := x.within(&measure.Window{From: noon, To: noon.Add(24 * time.Hour)})
	want := []measure.Window{{From: noon, To: turns[1].To}, {From: turns[2].From, To: noon.Add(24 * time.Hour)}}
	if !slices.EqualFunc(got, want, func(a Turn, b measure.Window) bool { return a.From.Equal(b.From) && a.To.Equal(b.To) }) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := x.within(&measure.Window{From: turns[59].To, To: turns[59].To.Add(time.Hour)}); len(got) != 0 {
		t.Errorf("%v after the last day", got)
	}
}

func TestWants(t *testing.T) {
	t.Parallel()
	r := &request.Request{Header: access.Header{Station: "sta_1"}, Place: "130203001010", Urgency: request.High}
	for name, c := range map[string]struct {
		o    Offer
		want bool
	}{
		"anything":        {Offer{}, true},
		"there":           {Offer{Areas: []string{"130202", "130203001"}}, true},
		"elsewhere":       {Offer{Areas: []string{"130202"}}, false},
		"urgent ones":     {Offer{Urgencies: []request.Urgency{request.Urgent}}, false},
		"these urgencies": {Offer{Urgencies: []request.Urgency{request.Urgent, request.High}}, true},
	} {
		c.o.Header.Station = "sta_1"
		if got := c.o.wants(r); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		c.o.Header.Station = "sta_2"
		if c.o.wants(r) {
			t.Errorf("%s, of another station", name)
		}
	}
}
