package faults

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/wsclient"
	"github.com/fivesociety/linkage/server/live"
)

// A role is taken away while writers write: of what the log holds behind the revocation nothing
// arrives, whatever the wire, and nothing on coming back.
func TestNothingArrivesAfterARevocationUnderLoad(t *testing.T) {
	t.Parallel()
	s := newSite(t, clock.System(), nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	b := s.stand(t, 0)
	account, grant, token := s.deputy(t)

	writing, rest := context.WithCancel(ctx)
	acks := make(chan struct{}, 1<<16)
	rows, err := list(ctx, s.url, s.tokens["coordinator"])
	must(t, err)
	wrote := make(chan error, 1)
	var writers []func() error
	for i := range 3 {
		w := newWriter(fmt.Sprint("load", i), s.tokens["coordinator"], b.w.front, rand.New(rand.NewPCG(1, uint64(i))), b.w.done)
		for k := 1 + i; k < subjects; k += 3 {
			w.rows = append(w.rows, rows[id("requests", subject(k))])
		}
		writers = append(writers, func() error { return w.write(writing, 1<<16, acks) })
	}
	go func() { wrote <- together(writers...) }()

	var ends sync.WaitGroup
	ears := []*ear{{many: make(chan struct{})}, {many: make(chan struct{})}, {many: make(chan struct{})}, {many: make(chan struct{})}}
	for i, e := range ears {
		filter := map[string]any{}
		if i == 1 {
			filter["urgencies"] = []string{"HIGH"}
		}
		listen := func() { e.socket(ctx, s, token, filter) }
		if i > 1 {
			listen = func() { e.stream(ctx, s, token, filter) }
		}
		ends.Go(listen)
	}
	for i, e := range ears {
		select {
		case <-e.many:
		case <-ctx.Done():
			t.Fatalf("%d hears too little: %d events, %v", i, len(e.heard), e.end)
		}
	}
	s.admin1(t, "roleRevoke", "__typename", map[string]any{"grantId": grant, "reason": "OTHER"})
	for range len(acks) + 40 { // what was acknowledged before, and some more after
		select {
		case <-acks:
		case <-ctx.Done():
			t.Fatal("the writers stand still")
		}
	}
	ends.Wait()
	rest()
	if err := <-wrote; err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}

	revoked, at := s.sequences(t, account)
	for i, e := range ears {
		if !strings.Contains(e.end, "4403") || !strings.Contains(e.end, "Revoked") {
			t.Errorf("%d ended with %s", i, e.end)
		}
		last := int64(0)
		for _, one := range e.heard {
			seq := at[key(one.ID, one.Revision)]
			if seq <= last || seq >= revoked {
				t.Errorf("%d hears %+v of entry %d after %d, the revocation is entry %d", i, one, seq, last, revoked)
			}
			last = seq
		}
		t.Logf("%d: %d events, the last of entry %d; revoked by entry %d of %d", i, len(e.heard), last, revoked, at["end"])
	}
	if at["end"] < revoked+40 {
		t.Errorf("only %d entries after the revocation", at["end"]-revoked)
	}
	again := newReader("again", token, nil)
	again.cursor = ears[0].cursor
	reading, hush := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); again.follow(reading, b.w.front) }()
	must(t, again.until(ctx, func(r *reader) bool { return r.started != "" }))
	hush()
	<-done
	if len(again.events) > 0 {
		t.Errorf("on coming back: %+v", again.events[0])
	}
	b.leave(t)
}

// ear hears until it is cut off.
type ear struct {
	heard  []row
	cursor string
	end    string
	many   chan struct{} // closed once it has heard some
}

func (e *ear) take(raw []byte) {
	var got struct {
		RequestFeed struct {
			Cursor         string
			ServiceRequest row
		}
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		e.end = err.Error()
		return
	}
	e.cursor = got.RequestFeed.Cursor
	if got.RequestFeed.ServiceRequest.ID == "" {
		return
	}
	if e.heard = append(e.heard, got.RequestFeed.ServiceRequest); len(e.heard) == 10 {
		close(e.many)
	}
}

func (e *ear) socket(ctx context.Context, s *site, token string, filter map[string]any) {
	c, err := wsclient.Dial(ctx, "ws://"+s.host+"/graphql", token, wsclient.Options{})
	if err != nil {
		e.end = err.Error()
		return
	}
	defer func() { _ = c.Close() }()
	sub, err := c.Subscribe(ctx, watch, map[string]any{"filter": filter}, "")
	for err == nil {
		var m wsclient.Message
		if m, err = sub.Next(ctx); err == nil {
			e.take(m.Data)
		}
	}
	e.end = err.Error()
}

func (e *ear) stream(ctx context.Context, s *site, token string, filter map[string]any) {
	body, err := json.Marshal(map[string]any{"query": watch, "variables": map[string]any{"filter": filter}})
	if err != nil {
		e.end = err.Error()
		return
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		e.end = err.Error()
		return
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {live.EventStream}, "Authorization": {"Bearer " + token}}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		e.end = err.Error()
		return
	}
	defer func() { _ = resp.Body.Close() }()
	in := bufio.NewReader(resp.Body)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			if !errors.Is(err, io.EOF) {
				e.end = err.Error()
			}
			return
		}
		var m struct{ Data json.RawMessage }
		if data, ok := strings.CutPrefix(line, "data: "); ok && json.Unmarshal([]byte(data), &m) == nil {
			e.take(m.Data)
		}
		if why, ok := strings.CutPrefix(line, ": "); ok {
			e.end = why
		}
	}
}

// deputy is another coordinator of the station: the account, its grant and its token.
func (s *site) deputy(t *testing.T) (account, grant, token string) {
	t.Helper()
	var made struct {
		AccountCreate struct{ Account struct{ ID string } }
		RoleGrant     struct{ Grant struct{ ID string } }
	}
	in := map[string]any{"name": "deputy", "displayName": "副站长（示例）", "password": "five-societies-2026"}
	must(t, json.Unmarshal(s.admin1(t, "accountCreate", "account { id }", in), &made))
	account = made.AccountCreate.Account.ID
	in = map[string]any{"accountId": account, "role": "COORDINATOR", "scopeId": id("stations", "qiaotun")}
	must(t, json.Unmarshal(s.admin1(t, "roleGrant", "grant { id }", in), &made))
	session, err := s.Accounts.OpenSession(t.Context(), account)
	must(t, err)
	return account, made.RoleGrant.Grant.ID, session.AccessToken
}

// admin1 runs a mutation as the administrator.
func (s *site) admin1(t *testing.T, name, payload string, input map[string]any) json.RawMessage {
	t.Helper()
	query := fmt.Sprintf("mutation($input: %sInput!) { %s(input: $input) { %s errors { code path } } }", strings.ToUpper(name[:1])+name[1:], name, payload)
	body, err := json.Marshal(map[string]any{"query": query, "variables": map[string]any{"input": input}})
	must(t, err)
	var got struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	must(t, post(t.Context(), http.DefaultClient, s.url, s.tokens["admin"], body, &got))
	if len(got.Errors) > 0 || !strings.Contains(string(got.Data), `"errors":[]`) {
		t.Fatalf("%s: %s %v", name, got.Data, got.Errors)
	}
	return got.Data
}

func key(id string, revision int64) string { return fmt.Sprint(id, " ", revision) }

// sequences are those of the last entry about an account, and of all by object and revision.
func (s *site) sequences(t *testing.T, account string) (last int64, at map[string]int64) {
	t.Helper()
	at = map[string]int64{}
	for {
		entries, err := s.Core.DB.Log(t.Context(), store.LogQuery{After: at["end"], Limit: 1000})
		must(t, err)
		if len(entries) == 0 {
			return last, at
		}
		for _, e := range entries {
			if at[key(e.ID, e.Revision)], at["end"] = e.Seq, e.Seq; e.ID == account {
				last = e.Seq
			}
		}
	}
}
