package live_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/server/live"
)

type caller struct{}

// signIn reads the account from the payload; sessions last fifteen minutes.
func signIn(ctx context.Context, p map[string]any) (context.Context, live.Session, map[string]any, error) {
	account, _ := p["authorization"].(string)
	if account == "" {
		return ctx, live.Session{}, nil, fault.New(fault.CodeUnauthenticated)
	}
	return ctx, session(account, 15*time.Minute), nil, nil
}

func session(account string, d time.Duration) live.Session {
	return live.Session{ID: "ses_" + account, Account: account, Expires: start.Add(d), Bind: func(ctx context.Context) (context.Context, error) {
		return context.WithValue(ctx, caller{}, account+" until "+start.Add(d).Format("15:04")), nil
	}}
}

func withSignIn(l *live.Transport) { l.Init = signIn }

func (x *rig) as(account string) *peer {
	x.t.Helper()
	p := x.dial()
	p.send(`{"type":"connection_init","payload":{"authorization":"` + account + `"}}`)
	p.want(ackMessage)
	return p
}

func TestRefusedInit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		code   int
		reason string
	}{
		"fault":       {fault.New(fault.CodeTokenExpired), live.CloseForbidden, "Forbidden"},
		"plain":       {errors.New("secret"), live.CloseForbidden, "Forbidden"},
		"own code":    {&live.CloseError{Code: 4499, Reason: "mine"}, 4499, "mine"},
		"unavailable": {fault.New(fault.CodeUnavailable), live.CloseTryAgainLater, "Try again later"},
		"limit":       {fault.New(fault.CodeRateLimited), live.CloseTryAgainLater, "Try again later"},
		"bug":         {fault.New(fault.CodeInternal), live.CloseInternal, "Internal error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newRig(t, hello(nil), func(l *live.Transport) {
				l.Init = func(ctx context.Context, _ map[string]any) (context.Context, live.Session, map[string]any, error) {
					return ctx, live.Session{}, nil, c.err
				}
			}).dial()
			p.send(`{"type":"connection_init"}`)
			p.wantClose(c.code, c.reason)
		})
	}
}

func TestWhileInitRuns(t *testing.T) {
	t.Parallel()
	slow := func(l *live.Transport) {
		l.Init = func(ctx context.Context, _ map[string]any) (context.Context, live.Session, map[string]any, error) {
			<-ctx.Done()
			return ctx, live.Session{}, nil, ctx.Err()
		}
	}
	t.Run("pings are answered and a second init is 4429", func(t *testing.T) {
		t.Parallel()
		p := newRig(t, hello(nil), slow).dial()
		p.send(`{"type":"connection_init"}`)
		p.send(`{"type":"ping"}`)
		p.want(`{"type":"pong"}`)
		p.send(`{"type":"connection_init"}`)
		p.wantClose(live.CloseTooManyInits, "Too many initialisation requests")
	})
	t.Run("subscribe is 4401", func(t *testing.T) {
		t.Parallel()
		p := newRig(t, hello(nil), slow).dial()
		p.send(`{"type":"connection_init"}`)
		p.subscribe("q", "{ hello }")
		p.wantClose(live.CloseUnauthorized, "Unauthorized")
	})
	t.Run("a hook that hangs is 4408", func(t *testing.T) {
		t.Parallel()
		x := newRig(t, hello(nil), slow)
		p := x.dial()
		p.send(`{"type":"connection_init"}`)
		p.send(`{"type":"ping"}`)
		p.want(`{"type":"pong"}`)
		x.clock.Advance(5 * time.Second)
		p.wantClose(live.CloseTimeout, "Connection initialisation timeout")
	})
}

func TestInitTimeout(t *testing.T) {
	t.Parallel()
	x := newRig(t, hello(nil))
	p, acked := x.dial(), x.ready()
	p.send(`{"type":"ping"}`) // a ping is no init
	p.want(`{"type":"pong"}`)
	x.clock.Advance(5*time.Second - time.Millisecond)
	p.send(`{"type":"ping"}`)
	p.want(`{"type":"pong"}`)
	x.clock.Advance(time.Millisecond)
	p.wantClose(live.CloseTimeout, "Connection initialisation timeout")
	acked.send(`{"type":"ping"}`)
	acked.want(`{"type":"pong"}`)
}

func TestExpiryAndRenewal(t *testing.T) {
	t.Parallel()
	r := hello(nil)
	r.query["hello"] = func(ctx context.Context, _ map[string]any) (any, error) { return ctx.Value(caller{}), nil }
	r.query["touch"] = func(ctx context.Context, args map[string]any) (any, error) {
		conn, _ := live.ConnFrom(ctx)
		return "renewed", conn.Renew(session(args["what"].(string), 30*time.Minute))
	}
	x := newRig(t, r, withSignIn)
	renewed, left := x.as("acc_1"), x.as("acc_1")
	renewed.subscribe("r", `mutation { touch(what: "acc_1") }`)
	renewed.want(`{"id":"r","type":"next","payload":{"data":{"touch":"renewed"}}}`)
	renewed.want(`{"id":"r","type":"complete"}`)
	renewed.subscribe("x", `mutation { touch(what: "acc_2") }`)
	renewed.want(`{"id":"x","type":"next","payload":{"data":{"touch":null},"errors":[{"message":"FORBIDDEN"}]}}`)
	renewed.want(`{"id":"x","type":"complete"}`)
	x.clock.Advance(15*time.Minute - time.Second)
	left.subscribe("q", "{ hello }")
	left.want(`{"id":"q","type":"next","payload":{"data":{"hello":"acc_1 until 08:15"}}}`)
	x.clock.Advance(time.Second)
	renewed.subscribe("q", "{ hello }")
	renewed.want(`{"id":"q","type":"next","payload":{"data":{"hello":"acc_1 until 08:30"}}}`)
	x.clock.Advance(15 * time.Minute)
	left.wantCloseAfterAll(live.CloseForbidden, "Session expired")
	renewed.wantCloseAfterAll(live.CloseForbidden, "Session expired")
}

// setBack shows an hour less from some moment on, and counts down as before.
type setBack struct {
	*clock.Manual
	back atomic.Bool
}

func (s *setBack) Now() time.Time {
	if s.back.Load() {
		return s.Manual.Now().Add(-time.Hour)
	}
	return s.Manual.Now()
}

func TestASessionEndsThoughTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	c := &setBack{Manual: clock.NewManual(start)}
	x := newRig(t, hello(nil), withSignIn, func(l *live.Transport) { l.Clock = c })
	p := x.as("acc_1")
	c.back.Store(true)
	c.Advance(15 * time.Minute)
	p.subscribe("q", "{ hello }") // of the fifteen minutes all are left by the clock
	p.want(`{"id":"q","type":"next","payload":{"data":{"hello":"hi"}}}`)
	c.Advance(time.Hour)
	p.wantCloseAfterAll(live.CloseForbidden, "Session expired")
}

func TestCloseAccountAndSession(t *testing.T) {
	t.Parallel()
	x := newRig(t, hello(nil), withSignIn)
	one, other, two := x.as("acc_1"), x.as("acc_1"), x.as("acc_2")
	x.live.CloseAccount("acc_1", live.CloseForbidden, "Signed out")
	one.wantClose(live.CloseForbidden, "Signed out")
	other.wantClose(live.CloseForbidden, "Signed out")
	x.live.CloseAccount("", live.CloseForbidden, "nobody")
	two.send(`{"type":"ping"}`)
	two.want(`{"type":"pong"}`)
	x.live.CloseSession("ses_acc_2", live.CloseForbidden, "Signed out")
	two.wantClose(live.CloseForbidden, "Signed out")
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	x := newRig(t, hello(nil), func(l *live.Transport) { l.Origins = []string{"https://board.example"} })
	for origin, status := range map[string]int{
		"": 101, x.http.URL: 101, "https://board.example": 101, "HTTPS://Board.Example": 101,
		"http://board.example": 403, "https://board.example.evil": 403, "null": 403, "https://evil.example": 403, "%zz": 403,
	} {
		h := http.Header{}
		if origin != "" {
			h.Set("Origin", origin)
		}
		d := websocket.Dialer{Subprotocols: []string{live.Subprotocol}}
		ws, resp, err := d.Dial(x.url, h)
		if resp == nil {
			t.Fatalf("origin %q: %v", origin, err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != status {
			t.Errorf("origin %q: %d, want %d", origin, resp.StatusCode, status)
		}
		if ws != nil {
			_ = ws.Close()
		}
	}
}

// wantCloseAfterAll reads whatever is still on its way and expects the close.
func (p *peer) wantCloseAfterAll(code int, reason string) {
	p.t.Helper()
	for {
		_, _, err := p.ws.ReadMessage()
		var e *websocket.CloseError
		if err == nil {
			continue
		}
		if !errors.As(err, &e) || e.Code != code || e.Text != reason {
			p.t.Fatalf("ended with %v, want %d %q", err, code, reason)
		}
		return
	}
}
