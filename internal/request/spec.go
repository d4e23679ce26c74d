package request

import (
	"math"
	"strings"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
)

// guards: decisions that rest on all requests of a recipient (erasing, classes), on those
// that somebody leads (retiring), or on those that come to a station or from a community
// (closing, retiring). The guards of these two are bumped only when a request arrives, by
// submission or referral, or ends, so that no board waits on them.
func guards(r *Request) []string {
	var out []string
	if r.Header.Subject != "" {
		out = append(out, store.GuardName("request", r.Header.Subject))
	}
	if s := r.State(); r.Header.Station != "" && (s == Submitted || s == Reopened || (s == Triaged && r.accepted()) || !s.Open()) {
		out = append(out, store.GuardName("request", r.Header.Station), store.GuardName("request", r.Header.Community))
	}
	if r.Lead != "" {
		out = append(out, store.GuardName("request", r.Lead))
	}
	return out
}

func spec() store.Spec[Request] {
	s := store.Spec[Request]{
		Name: "request",
		Fields: access.Fields(func(r *Request) *access.Header { return &r.Header },
			store.Field[Request]{Name: "created", Kind: store.Int, Mask: access.Blind, Get: func(r *Request) any { return r.CreatedAt }},
			store.Field[Request]{Name: "updated", Kind: store.Int, Mask: access.Blind, Get: func(r *Request) any { return r.UpdatedAt }},
			store.Field[Request]{Name: "due", Kind: store.Int, Mask: access.Blind, Get: dueKey},
			store.Field[Request]{Name: "timer", Kind: store.Int, Mask: access.Blind, Get: timer},
			store.Field[Request]{Name: "escalated", Kind: store.Int, Mask: access.Blind, Get: func(r *Request) any { return r.Escalated }},
			store.Field[Request]{Name: "category", Kind: store.Text, Mask: access.Blind, Route: true, Get: func(r *Request) any { return r.listed() }},
			store.Field[Request]{Name: "urgency", Kind: store.Text, Mask: access.Blind, Route: true, Get: func(r *Request) any { return r.Urgency }},
			store.Field[Request]{Name: "open", Kind: store.Int, Mask: access.Blind, Route: true, Get: func(r *Request) any { return r.State().Open() }},
			// The title is shown from LIMITED on. Descriptions are not found: each would have a
			// thousand terms and more.
			store.Field[Request]{Name: "titleTerms", Kind: store.Terms, Mask: access.Limited, Get: func(r *Request) any { return text.Terms(r.Private.Title) }},
			store.Field[Request]{Name: "number", Kind: store.Text, Mask: access.Blind, Get: func(r *Request) any { return r.Number }},
			// For likely duplicates; nobody asks a list for it.
			store.Field[Request]{Name: "kin", Kind: store.Text, Mask: access.Full, Get: func(r *Request) any { return r.kin() }},
			store.Field[Request]{Name: "next", Kind: store.Int, Mask: access.Full, Get: next},
			store.Field[Request]{Name: "series", Kind: store.Text, Mask: access.Limited, Get: func(r *Request) any { return r.OccurrenceOf }},
			store.Field[Request]{Name: "openLines", Kind: store.Text, Mask: access.Unseen, Route: true, Get: func(r *Request) any { return r.openLines() }},
			store.Field[Request]{Name: "lines", Kind: store.Texts, Mask: access.Blind, Get: lineIDs},
		),
		Indexes: [][]string{{"titleTerms"}, {"lines"}, {"community", "created"}, {"subject", "created"}, {"kin", "created"}, {"series", "created"}, {"timer"}, {"next"}},
		Unique:  [][]string{{"number"}},
		Queries: []store.Shape{
			{Where: []string{"titleTerms"}},
			{Where: []string{"lines"}},
			{Where: []string{"community"}, Sort: "created"},
			{Where: []string{"subject"}, Sort: "created"},
			{Where: []string{"kin"}, Sort: "created"},
			{Where: []string{"series"}, Sort: "created"},
			{Sort: "timer"},
			{Sort: "next"},
		},
		Personal: personal,
		Counters: counters,
		Guards:   guards,
	}
	// Every way into the board has each of its three orders. Provinces and cities
	// walk the order itself: in a deployment of one city they select nothing.
	for _, order := range []string{"created", "updated", "due"} {
		for _, way := range [][]string{{}, {"station"}, {"station", "state"}, {"state"}, {"parties"}, {"county"}, {"town"}} {
			s.Indexes = append(s.Indexes, append(append([]string{}, way...), order))
			s.Queries = append(s.Queries, store.Shape{Where: way, Sort: order})
		}
	}
	return s
}

// dueKey puts requests without a timer behind all others.
func dueKey(r *Request) any {
	if r.DueAt.IsZero() {
		return int64(math.MaxInt64)
	}
	return r.DueAt
}

func lineIDs(r *Request) any {
	out := make([]string, len(r.Lines))
	for i, l := range r.Lines {
		out[i] = l.ID
	}
	return out
}

func personal(r *Request) []store.Personal {
	if r.Header.Subject == "" {
		return nil
	}
	return []store.Personal{{Subject: r.Header.Subject, Fields: []string{"private"}}}
}

// counters answer a coordinator's totals without counting rows: those of the station and
// those that are referred to it or were referred from it last; and what became of what
// somebody delivered.
func counters(r *Request) []string {
	var out []string
	for _, at := range r.desks() {
		out = append(out, "request:"+at, "request:"+at+":"+r.Header.State)
	}
	return append(out, r.outcomes()...)
}

// desks are the stations whose coordinators see the request.
func (r *Request) desks() (out []string) {
	if r.Header.Station != "" {
		out = append(out, r.Header.Station)
	}
	for _, entry := range r.Header.Parties {
		if id, ok := strings.CutPrefix(entry, access.PartyReferred.Of("")); ok && id != r.Header.Station {
			out = append(out, id)
		}
	}
	return out
}
