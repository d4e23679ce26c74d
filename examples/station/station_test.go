package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/examples/station/api"
)

// A server with the demonstration world is named by who runs the test, with a way to its
// sockets that breaks for whoever asks for cut: e2e/peers does.
var server, socket, cut = os.Getenv("STATION_SERVER"), os.Getenv("STATION_SOCKET"), os.Getenv("STATION_CUT")

func TestADayAtTheDesk(t *testing.T) {
	if server == "" {
		t.Skip("no server: go test ./e2e/peers, at the top, runs this test with one")
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var r *Refused
	if _, err := SignIn(ctx, server, "coordinator", "wrong"); !errors.As(err, &r) || r.Errors[0].GetCode() != api.ErrorCodeSignInFailed {
		t.Errorf("a wrong password: %v", err)
	}
	d, err := SignIn(ctx, server, "coordinator", "tangshan-coord-2026")
	must(t, err)
	d.socket = socket
	ids := map[string]bool{}
	cursor, err := d.Open(ctx, 5, func(r *api.Card) { ids[r.Id] = true })
	if must(t, err); len(ids) <= 5 {
		t.Errorf("%d open requests are on one page of 5", len(ids))
	}
	d.renew()
	before := d.tokens.RefreshToken
	need, err := d.Submit(ctx, "com_130203001010", "GROUP_ACTIVITY_VENUE", "合唱队排练场地")
	if must(t, err); d.tokens.RefreshToken == before {
		t.Error("the token was not renewed")
	}
	_, err = d.Retitle(ctx, need.Id, need.Version+7, "0")
	if !errors.As(err, &r) {
		t.Fatalf("a stale change: %v", err)
	}
	if v, ok := r.Actual(); !ok || v != need.Version {
		t.Errorf("a conflict with version %d, want %d", v, need.Version)
	}
	version := need.Version
	retitle := func(title string) {
		got, err := d.Retitle(ctx, need.Id, version, title)
		must(t, err)
		version = got.Version
	}
	retitle("1")
	var seen []string
	done := errors.New("done")
	err = d.Follow(ctx, cursor, func(e Event) error {
		c, ok := e.(*api.FeedRequestFeedRequestChanged)
		if !ok || c.ServiceRequest.Id != need.Id {
			return nil // others work beside
		}
		seen = append(seen, *c.ServiceRequest.Title)
		switch *c.ServiceRequest.Title {
		case "1":
			broken, err := http.Get(cut)
			must(t, err)
			must(t, broken.Body.Close())
			retitle("2")
		case "2":
			d.renew() // as 4403 makes the next connection do
			retitle("3")
		case "3":
			return done
		}
		return nil
	})
	if !errors.Is(err, done) || !slices.Equal(seen, []string{"合唱队排练场地", "1", "2", "3"}) {
		t.Errorf("%v: told %q", err, seen)
	}
	if err := d.Follow(ctx, "no cursor", func(Event) error { return nil }); err == nil || ctx.Err() != nil {
		t.Errorf("a cursor that is none: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
