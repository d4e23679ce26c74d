package faults

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/store"
)

// leaping is the machine's clock as it is when somebody sets it: what it shows leaps, what it
// counts down does not.
type leaping struct {
	clock.Clock
	by atomic.Int64
}

func (l *leaping) Now() time.Time { return l.Clock.Now().Add(time.Duration(l.by.Load())) }

// seconds is how long one has to wait.
var seconds = regexp.MustCompile(`try again in (\d+) seconds`)

// The clock leaps forward by more than a day and back by as much, while somebody writes and
// reads. Tokens end by what the clock shows, and hold again when it shows less; the log's times
// never go back; nobody is locked out by failures that lie ahead; the platform's own work goes on.
func TestAClockThatLeaps(t *testing.T) {
	t.Parallel()
	c := &leaping{Clock: clock.System()}
	s := newSite(t, c, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	f := newFront(t, s.host)
	ask := func(token, body string) (int, string) {
		t.Helper()
		h := http.Header{"Content-Type": {"application/json"}, "Accept-Language": {"en"}}
		if token != "" {
			h.Set("Authorization", "Bearer "+token)
		}
		return answered(t, s.url, strings.NewReader(body), h)
	}
	signIn := func(password string) string {
		t.Helper()
		_, body := ask("", `{"query":"mutation { signIn(input: {name: \"supervisor\", password: \"`+password+`\"}) { session { accessToken } errors { code message } } }"}`)
		return body
	}
	rows, err := list(ctx, s.url, s.tokens["coordinator"])
	must(t, err)
	row := rows[id("requests", subject(0))]
	w := newWriter("leaper", s.tokens["coordinator"], f, nil, new(atomic.Int64))
	r := newReader("leaper", s.tokens["coordinator"], map[string]any{"serviceRequestId": row.ID})
	reading, hush := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); r.follow(reading, f) }()
	defer func() { hush(); <-done }()
	must(t, r.until(ctx, begun))

	const day = 24 * time.Hour // how long the tokens of these tests live
	for i, leap := range []struct {
		to    time.Duration
		valid bool // the tokens of the beginning
	}{{0, true}, {day + 6*time.Hour, false}, {-10 * time.Hour, true}, {6 * time.Hour, true}, {3 * day, false}, {0, true}} {
		c.by.Store(int64(leap.to))
		name := leap.to.String()
		status, body := ask(s.tokens["coordinator"], `{"query":"{ viewer { roles } }"}`)
		if leap.valid != (status == http.StatusOK) || !leap.valid && !strings.Contains(body, "TOKEN_EXPIRED") {
			t.Errorf("at %s the old token: %d %s", name, status, body)
		}
		session, err := s.Accounts.OpenSession(ctx, id("accounts", "coordinator"))
		must(t, err)
		w.token = session.AccessToken
		must(t, w.change(ctx, &row, fmt.Sprint("leap ", i, " to ", name), "NORMAL"))
		must(t, r.until(ctx, heard(row)))
		// The failures of this hour pace the next ones of this hour only.
		for range 4 {
			got := signIn("wrong horse battery")
			wait := seconds.FindStringSubmatch(got)
			if !strings.Contains(got, "SIGN_IN_FAILED") && (wait == nil || len(wait[1]) > 2) {
				t.Errorf("at %s a wrong password: %s", name, got)
			}
		}
		if err := s.Tick(ctx); err != nil {
			t.Errorf("at %s the platform's own work: %v", name, err)
		}
	}
	after, last := int64(0), time.Time{}
	for {
		entries, err := s.Core.DB.Log(ctx, store.LogQuery{After: after, Limit: 1000})
		must(t, err)
		if len(entries) == 0 {
			break
		}
		for _, e := range entries {
			if e.At.Before(last) {
				t.Errorf("entry %d is of %v, the one before of %v", e.Seq, e.At, last)
			}
			last, after = e.At, e.Seq
		}
	}
	if last.Before(time.Now().Add(2 * day)) {
		t.Errorf("the log's last time is %v", last)
	}
}
