package wire

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// event is one of a stream; a comment has a name that begins with a colon.
type event struct{ name, id, data string }

// opened is how a stream begins.
type opened struct {
	status int
	header http.Header
	leave  func() error
}

// events opens a stream; next waits for the next event that is no keep-alive, and returns
// the zero event at the stream's end.
func (s *site) events(t *testing.T, method, path, body string, header ...string) (opened, func() event) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	must(t, err)
	req.Header.Set("Accept", "text/event-stream")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	lines := bufio.NewReader(resp.Body)
	read := func() (ev event) {
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return event{}
			}
			field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			switch {
			case line == "\n":
				return ev
			case field == "event":
				ev.name = value
			case field == "id":
				ev.id = value
			case field == "data":
				ev.data = value
			case strings.HasPrefix(line, ":"):
				ev.name = strings.TrimSuffix(line, "\n")
			}
		}
	}
	return opened{resp.StatusCode, resp.Header, resp.Body.Close}, func() event {
		t.Helper()
		late := time.AfterFunc(20*time.Second, func() { _ = resp.Body.Close() })
		defer late.Stop()
		ev := read()
		for ev.name == ":" {
			ev = read()
		}
		return ev
	}
}

// noted is the note in an event of a feed of notes, its kind if it has none.
func noted(t *testing.T, data string) string {
	t.Helper()
	var got struct {
		Data struct{ RequestFeed happening }
	}
	must(t, json.Unmarshal([]byte(data), &got))
	if note := got.Data.RequestFeed.ServiceRequest.Note; note != "" {
		return note
	}
	return got.Data.RequestFeed.Kind
}

func (s *site) note(t *testing.T, note string) {
	t.Helper()
	request := s.id(t, "requests", "r-escort")
	in := map[string]any{"serviceRequestId": request, "note": note, "expectedVersion": s.version(t, "coordinator", request)}
	if f := s.mutate(t, "coordinator", "serviceRequestChange", "__typename", in).first(); f.code != "" {
		t.Fatalf("%s: %+v", note, f)
	}
}

func document(t *testing.T, query, operation string) string {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"query": query, "extensions": map[string]any{"operationId": operation}})
	must(t, err)
	return string(raw)
}

// An EventSource comes back with the id of the last event, and loses nothing.
func aStreamOfEventsFollowsTheFeed(t *testing.T, s *site) {
	bearer := []string{"Authorization", "Bearer " + s.tokens["coordinator"]}
	got, next := s.events(t, http.MethodPost, "/graphql", document(t, notes, ""), bearer...)
	if got.status != 200 || got.header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
		t.Fatalf("%d %v", got.status, got.header)
	}
	begin := next()
	if begin.name != "next" || noted(t, begin.data) != "FeedCheckpoint" || begin.id == "" {
		t.Fatalf("it begins with %+v", begin)
	}
	s.note(t, "one")
	one := next()
	if noted(t, one.data) != "one" || one.id == "" || one.id == begin.id {
		t.Fatalf("%+v", one)
	}
	must(t, got.leave())
	s.note(t, "two")
	_, next = s.events(t, http.MethodPost, "/graphql", document(t, notes, ""), append(bearer, "Last-Event-ID", one.id)...)
	if two := next(); noted(t, two.data) != "two" {
		t.Errorf("after coming back: %+v", two)
	}
	// A query is answered, and what is wrong is told, in the stream.
	_, next = s.events(t, http.MethodPost, "/graphql", document(t, "{ __typename }", ""), bearer...)
	if a, b, end := next(), next(), next(); !strings.Contains(a.data, `{"data":{"__typename":"Query"}`) || b.name != "complete" || end != (event{}) {
		t.Errorf("a query: %+v %+v %+v", a, b, end)
	}
	_, next = s.events(t, http.MethodPost, "/graphql", document(t, "{ nosuch }", ""), bearer...)
	if a, b := next(), next(); a.name != "next" || !strings.Contains(a.data, "GRAPHQL_VALIDATION_FAILED") || b.name != "complete" {
		t.Errorf("what is not valid: %+v %+v", a, b)
	}
	s.unchanged(t, "a mutation by GET", func() {
		_, next = s.events(t, http.MethodGet, "/graphql?query=mutation%7BsignOut(input:%7B%7D)%7Bended%7D%7D", "", bearer...)
		if a, b := next(), next(); !strings.Contains(a.data, "INVALID") || b.name != "complete" {
			t.Errorf("a mutation by GET: %+v %+v", a, b)
		}
	})
	// Who accepts both gets events for a subscription only.
	r := s.post(t, document(t, "{ __typename }", ""), append(bearer, "Accept", "application/json, text/event-stream")...)
	if r.status != 200 || !strings.HasPrefix(r.header.Get("Content-Type"), "application/json") {
		t.Errorf("a query of both: %d %v", r.status, r.header)
	}
	got, next = s.events(t, http.MethodPost, "/graphql", document(t, notes, ""), append(bearer, "Accept", "application/graphql-response+json, application/json, text/event-stream")...)
	if ev := next(); got.status != 200 || noted(t, ev.data) != "FeedCheckpoint" {
		t.Errorf("a subscription of both: %d %+v", got.status, ev)
	}
	if r := s.post(t, document(t, notes, ""), bearer...); r.status != 400 || !strings.Contains(r.body, "text/event-stream") {
		t.Errorf("without: %d %s", r.status, r.body)
	}
}

// A stream ends with its session, with its token, and with the right to it.
func aStreamOfEventsEndsWithTheRightToIt(t *testing.T, s *site) {
	s.tokens["one"] = s.fresh(t, "coordinator")
	open := func(account string) func() event {
		t.Helper()
		_, next := s.events(t, http.MethodPost, "/graphql", document(t, notes, ""), "Authorization", "Bearer "+s.tokens[account])
		if ev := next(); ev.name != "next" {
			t.Fatalf("it begins with %+v", ev)
		}
		return next
	}
	ended, other := open("one"), open("coordinator")
	if r := s.mutate(t, "one", "signOut", "ended", map[string]any{}); r.at("signOut.ended") != 1.0 {
		t.Fatalf("%s", r.body)
	}
	if why, end := ended(), ended(); why.name != ": 4403 Revoked" || end != (event{}) {
		t.Errorf("signed out: %+v %+v", why, end)
	}
	s.note(t, "still here")
	if ev := other(); noted(t, ev.data) != "still here" {
		t.Errorf("another session: %+v", ev)
	}
	s.clock.Advance(16 * time.Minute)
	if why := other(); why.name != ": 4403 Session expired" {
		t.Errorf("expired: %+v", why)
	}
}

// The single connection mode: one stream, opened by its token alone, for the operations of
// its account.
func operationsShareAStream(t *testing.T, s *site) {
	bearer := []string{"Authorization", "Bearer " + s.tokens["coordinator"]}
	plain := func(method, path, body string, header ...string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
		must(t, err)
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		defer func() { _ = resp.Body.Close() }()
		raw, err := io.ReadAll(resp.Body)
		must(t, err)
		return resp.StatusCode, string(raw)
	}
	status, token := plain(http.MethodPut, "/graphql", "", bearer...)
	if status != 201 || len(token) < 20 {
		t.Fatalf("a reservation: %d %q", status, token)
	}
	with := append([]string{"X-GraphQL-Event-Stream-Token", token}, bearer...)
	if status, body := plain(http.MethodPost, "/graphql", document(t, "{ __typename }", "q"), with...); status != 404 {
		t.Errorf("before the stream is open: %d %s", status, body)
	}
	got, next := s.events(t, http.MethodGet, "/graphql?token="+token, "") // an EventSource sends no Authorization
	if got.status != 200 {
		t.Fatalf("%d", got.status)
	}
	if status, body := plain(http.MethodPost, "/graphql", document(t, "{ viewer { account { name } } }", "q"), with...); status != 202 {
		t.Fatalf("a query: %d %s", status, body)
	}
	if a, b := next(), next(); !strings.Contains(a.data, `"name":"coordinator"`) || !strings.HasSuffix(a.data, `,"id":"q"}`) || a.id != "" || b != (event{"complete", "", `{"id":"q"}`}) {
		t.Errorf("a query: %+v %+v", a, b)
	}
	if status, body := plain(http.MethodPost, "/graphql", document(t, notes, "feed"), with...); status != 202 || body != "" {
		t.Errorf("a subscription: %d %s", status, body)
	}
	next() // the checkpoint
	for name, c := range map[string]struct {
		method, path, body string
		header             []string
		status             int
	}{
		"the stream a second time":  {"GET", "/graphql?token=" + token, "", []string{"Accept", "text/event-stream"}, 409},
		"no such stream":            {"GET", "/graphql?token=x", "", []string{"Accept", "text/event-stream"}, 404},
		"the id a second time":      {"POST", "/graphql", document(t, notes, "feed"), with, 409},
		"no id":                     {"POST", "/graphql", document(t, notes, ""), with, 400},
		"what is not valid":         {"POST", "/graphql", document(t, "{ nosuch }", "x"), with, 422},
		"another account":           {"POST", "/graphql", document(t, notes, "x"), []string{"X-GraphQL-Event-Stream-Token", token, "Authorization", "Bearer " + s.tokens["partner"]}, 404},
		"another ends an operation": {"DELETE", "/graphql?operationId=feed", "", []string{"X-GraphQL-Event-Stream-Token", token}, 404},
		"an operation that is none": {"DELETE", "/graphql?operationId=nosuch", "", with, 200},
		"a mutation by GET":         {"GET", "/graphql?query=mutation%7BsignOut(input:%7B%7D)%7Bended%7D%7D", "", with, 405},
	} {
		if status, body := plain(c.method, c.path, c.body, c.header...); status != c.status || strings.Contains(body, "{field}") {
			t.Errorf("%s: %d, want %d: %s", name, status, c.status, body)
		}
	}
	s.note(t, "one")
	if ev := next(); !strings.Contains(ev.data, `"note":"one"`) || !strings.HasSuffix(ev.data, `,"id":"feed"}`) {
		t.Errorf("%+v", ev)
	}
	if status, _ := plain(http.MethodDelete, "/graphql?operationId=feed&token="+token, "", bearer...); status != 200 {
		t.Errorf("stopped: %d", status)
	}
	s.note(t, "two")
	if status, _ := plain(http.MethodPost, "/graphql", document(t, "{ __typename }", "last"), with...); status != 202 {
		t.Errorf("after it: %d", status)
	}
	if ev := next(); !strings.HasSuffix(ev.data, `,"id":"last"}`) {
		t.Errorf("a stopped operation goes on: %+v", ev)
	}
}
