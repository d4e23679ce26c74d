package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/wsclient"
)

const notes = `subscription { requestFeed { __typename ... on FeedEvent { cursor }
	... on RequestChanged { serviceRequest { note } } ... on RequestEntered { serviceRequest { note } } ... on FeedGap { keptSince } } }`

// happening is one event of a feed of notes.
type happening struct {
	Kind           string `json:"__typename"`
	Cursor         string
	KeptSince      time.Time
	ServiceRequest struct{ Note string }
}

// follow opens a socket of its own and a feed on it behind a cursor.
func (s *site) follow(t *testing.T, after string) (*wsclient.Client, func() happening) {
	t.Helper()
	c, err := s.dial(t, s.tokens["coordinator"])
	must(t, err)
	sub, err := c.Subscribe(t.Context(), notes, nil, after)
	must(t, err)
	return c, func() happening {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		m, err := sub.Next(ctx)
		must(t, err)
		var got struct{ RequestFeed happening }
		must(t, json.Unmarshal(m.Data, &got))
		if got.RequestFeed.Cursor != m.Cursor {
			t.Errorf("the cursor of %+v is not that of its frame, %q", got.RequestFeed, m.Cursor)
		}
		return got.RequestFeed
	}
}

// hears checks what comes next, up to the checkpoint that says that the past is done.
func hears(t *testing.T, who string, next func() happening, want ...string) {
	t.Helper()
	var got []string
	for ev := next(); ev.Kind != "FeedCheckpoint"; ev = next() {
		got = append(got, ev.Kind+" "+ev.ServiceRequest.Note)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s hears %q, want %q", who, got, want)
	}
}

// A reader who was away longer than the log can be resumed is told so, reads the list,
// and loses nothing after the gap's cursor: live, and on coming back with it.
func aCursorTooOldGetsAGap(t *testing.T, s *site) {
	request := s.id(t, "requests", "r-escort")
	change := func(note string) (at time.Time) {
		t.Helper()
		s.clock.Advance(time.Second)
		before, _, err := s.Core.DB.LogEnd(t.Context())
		must(t, err)
		in := map[string]any{"serviceRequestId": request, "note": note, "expectedVersion": s.version(t, "coordinator", request)}
		if f := s.mutate(t, "coordinator", "serviceRequestChange", "__typename", in).first(); f.code != "" {
			t.Fatalf("%s: %+v", note, f)
		}
		after, at, err := s.Core.DB.LogEnd(t.Context())
		must(t, err)
		if after != before+1 {
			t.Fatalf("a change makes %d entries, the test wants 1", after-before)
		}
		return at
	}
	reader, next := s.follow(t, "")
	hears(t, "who comes first", next)
	change("seen")
	seen := next()
	if seen.ServiceRequest.Note != "seen" {
		t.Fatalf("%+v", seen)
	}
	must(t, reader.Close())

	change("missed 0")
	edge := text(s.as(t, "coordinator", requests, map[string]any{"first": 1}).at("serviceRequests.feedCursor"))
	kept := change("missed 1")
	want := []string{"RequestChanged missed 1"}
	for i := 2; i <= resumable; i++ {
		note := fmt.Sprint("missed ", i)
		change(note)
		want = append(want, "RequestChanged "+note)
	}
	_, next = s.follow(t, edge)
	hears(t, "who comes just in time", next, want...)
	_, next = s.follow(t, seen.Cursor)
	gap := next()
	if gap.Kind != "FeedGap" || !gap.KeptSince.Equal(kept) {
		t.Fatalf("%+v, want a gap, kept since %s", gap, kept)
	}
	if note := s.as(t, "coordinator", `query($id: ID!) { serviceRequest(id: $id) { note } }`, map[string]any{"id": request}).at("serviceRequest.note"); note != fmt.Sprint("missed ", resumable) {
		t.Errorf("the list after the gap says %v", note)
	}
	hears(t, "who is told of a gap", next)
	change("live")
	if live := next(); live.Kind != "RequestChanged" || live.ServiceRequest.Note != "live" {
		t.Errorf("after the gap: %+v", live)
	}
	change("away")
	_, next = s.follow(t, gap.Cursor)
	hears(t, "who comes back with the gap's cursor", next, "RequestChanged live", "RequestChanged away")
}
