package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/testkit/mongotest"
)

func TestDemoPlaysTheThreadAndEnds(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	tokens := filepath.Join(folder, "tokens.json")
	store := "sqlite:" + filepath.Join(folder, "demo.db")
	for _, locale := range []string{"zh", "en"} { // the second one plays on the store of the first
		var out bytes.Buffer
		cmd := demoCmd{Addr: "127.0.0.1:0", Store: store, Once: true, Tokens: tokens, Locale: locale}
		if err := cmd.Run(context.Background(), &out); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		if said := out.String(); strings.Contains(said, "✗") || strings.Count(said, "✓") < 60 {
			t.Errorf("%s", said)
		}
	}
	raw, err := os.ReadFile(tokens)
	if err != nil {
		t.Fatal(err)
	}
	var given map[string]string
	if err := json.Unmarshal(raw, &given); err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"resident", "guardian", "coordinator", "socialworker", "volunteer", "partner", "officer", "supervisor", "auditor", "admin"} {
		if strings.Count(given[role], ".") != 2 {
			t.Errorf("%s has the token %q", role, given[role])
		}
	}
}

func TestDemoPlaysOnMongoDB(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	cmd := demoCmd{Addr: "127.0.0.1:0", Store: mongotest.URI(t), Once: true, Locale: "zh"}
	if err := cmd.Run(context.Background(), &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
}

// reader passes on what is told and says when a word has come.
type reader struct {
	bytes.Buffer
	word string
	seen func()
}

func (r *reader) Write(p []byte) (int, error) {
	if strings.Contains(string(p), r.word) {
		r.seen()
	}
	return r.Buffer.Write(p)
}

func TestDemoServesUntilItIsStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	out := &reader{word: "graphql-transport-ws", seen: stop} // the end of the invitation
	cmd := demoCmd{Addr: "127.0.0.1:0", NoPlay: true, Locale: "zh"}
	if err := cmd.Run(ctx, out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "/explorer") || strings.Contains(out.String(), "✓") {
		t.Error(out.String())
	}
}

func TestInvitationCanBePasted(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	d := demo{demoCmd: &demoCmd{Locale: "en"}, out: &out, tokens: map[string]string{"coordinator": "a.b.c"}}
	d.invite("http://127.0.0.1:1")
	said := out.String()
	for _, want := range []string{"http://127.0.0.1:1/explorer", "a.b.c", "query Board", "subscription Feed", "curl -s http://127.0.0.1:1/graphql"} {
		if !strings.Contains(said, want) {
			t.Errorf("the invitation lacks %q", want)
		}
	}
	_, command, _ := strings.Cut(said, "curl -s")
	command, _, _ = strings.Cut(command, "\n\n")
	if strings.Count(command, "'")%2 != 0 || strings.Contains(command, "#") {
		t.Errorf("not for a shell: %s", command)
	}
}
