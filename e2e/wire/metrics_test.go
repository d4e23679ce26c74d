package wire

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// metrics are those of the admin address.
func (s *site) metrics(t *testing.T) string {
	t.Helper()
	status, body := s.get(t, s.admin+"/metrics")
	if status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	return body
}

func (s *site) get(t *testing.T, address string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	must(t, err)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	must(t, err)
	return resp.StatusCode, string(raw)
}

func metricsTellWhatHappensAndNotWho(t *testing.T, s *site) {
	s.as(t, "coordinator", `query Confidential { __typename secret: viewer { account { name } } }`, nil)
	s.as(t, "coordinator", `{ viewer { account { name } } }`, nil)
	s.as(t, "coordinator", `{ hidden }`, nil)
	s.as(t, "", `mutation { signIn(input: {name: "zhang-san", password: "wrong"}) { errors { code } } }`, nil)
	_, next := s.events(t, http.MethodPost, "/graphql", document(t, notes, ""), "Authorization", "Bearer "+s.tokens["coordinator"])
	next()
	s.note(t, "classified")
	next()
	socket, err := s.dial(t, s.tokens["coordinator"])
	must(t, err)
	must(t, socket.Ping(t.Context()))
	_, refused := s.events(t, http.MethodPost, "/graphql", document(t, `subscription { requestFeed(after: "nowhere") { __typename } }`, ""), "Authorization", "Bearer "+s.tokens["coordinator"])
	for ev := refused(); ev != (event{}) && ev.name != "complete"; {
		ev = refused()
	}
	// A stream's last words are on the wire before the server has counted its end.
	text := s.metrics(t)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end) && !strings.Contains(text, "\n"+`linkage_connections{wire="events"} 1`+"\n"); text = s.metrics(t) {
		time.Sleep(10 * time.Millisecond)
	}
	for _, line := range []string{
		`linkage_operations_total{field="several",outcome="ok",type="query"} 1`,
		`linkage_operations_total{field="none",outcome="GRAPHQL_VALIDATION_FAILED",type="none"} 1`,
		`linkage_operations_total{field="signIn",outcome="ok",type="mutation"} 1`,
		`linkage_operations_total{field="requestFeed",outcome="ok",type="subscription"} 1`,
		`linkage_operations_total{field="requestFeed",outcome="CURSOR_INVALID",type="subscription"} 1`,
		`linkage_events_total{field="requestFeed",outcome="ok"} 2`,
		`linkage_connections{wire="events"} 1`, `linkage_connections{wire="websocket"} 1`,
		`linkage_subscriptions 1`, `linkage_feed_members 1`, `linkage_slow_readers_cut_total 0`,
		`linkage_operation_seconds_count{type="mutation"} 2`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("there is no %s", line)
		}
	}
	for _, part := range []string{`linkage_operation_cost_total{type="query"}`, `linkage_store_seconds_count{call="commit"}`, `linkage_http_requests_total{status="422"} 1`, "linkage_log_lag_entries ", "go_goroutines "} {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %s", part)
		}
	}
	for _, secret := range []string{"Confidential", "secret", "hidden", "zhang-san", "classified", "coordinator", "127.0.0.1"} {
		if strings.Contains(text, secret) {
			t.Errorf("the metrics say %q", secret)
		}
	}
	for path, want := range map[string]int{"/metrics": 404, "/debug/pprof/": 404} {
		if status, _ := s.get(t, s.url+path); status != want {
			t.Errorf("the public address answers %s: %d", path, status)
		}
	}
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/goroutine?debug=1", "/livez", "/readyz"} {
		if status, _ := s.get(t, s.admin+path); status != 200 {
			t.Errorf("%s: %d", path, status)
		}
	}
	// The dashboard asks for nothing that there is not.
	raw, err := os.ReadFile("../../docs/grafana.json")
	must(t, err)
	asked := regexp.MustCompile(`linkage_[a-z_]+`).FindAllString(string(raw), -1)
	if len(asked) < 12 {
		t.Errorf("the dashboard asks for %d series", len(asked))
	}
	for _, name := range asked {
		if name != "linkage_store_failures_total" && !strings.Contains(text, "\n"+name) {
			t.Errorf("the dashboard asks for %s", name)
		}
	}
}
