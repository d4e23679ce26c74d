package main

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

func TestCheckPassesOnlyWhenTheServerIsReady(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		path   string
		want   string // "" is success
	}{
		{"ready", http.StatusOK, "/readyz", ""},
		{"not ready", http.StatusServiceUnavailable, "/readyz", "503"},
		{"something else listens", http.StatusOK, "/other", "404"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			mux := http.NewServeMux()
			mux.HandleFunc(test.path, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(test.status) })
			server := httptest.NewServer(mux)
			defer server.Close()
			var out bytes.Buffer
			err := checkCmd{Addr: server.Listener.Addr().String(), Timeout: 5 * time.Second}.Run(t.Context(), &out)
			switch {
			case test.want == "" && (err != nil || out.String() != "ready\n"):
				t.Errorf("%v, %q", err, out.String())
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("%v, want one about %s", err, test.want)
			}
		})
	}
}

func TestCheckFailsWhereNobodyListens(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for _, addr := range []string{":" + port, "0.0.0.0:" + port, "nonsense"} {
		if err := (checkCmd{Addr: addr, Timeout: 5 * time.Second}).Run(t.Context(), &bytes.Buffer{}); err == nil {
			t.Errorf("%s is ready", addr)
		}
	}
}

func TestVersionPrintsOneLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := (versionCmd{}).Run(&out); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, "linkage ") || strings.Count(got, "\n") != 1 {
		t.Errorf("%q", got)
	}
}

func TestTheCommandLineIsWellFormed(t *testing.T) {
	t.Parallel()
	if _, err := kong.New(&cli{}, settings()...); err != nil {
		t.Fatal(err)
	}
}
