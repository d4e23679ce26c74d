package server

import (
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/server/live"
)

// The bounds of connections that stay open. An idle websocket holds some
// twenty kilobytes, a stream of events more; behind one address may be a whole office.
const (
	DefaultConnections        = 20_000
	DefaultAddressConnections = 2_000
)

// comeBack is when who was turned away may try again.
const comeBack = 30 * time.Second

// Admission bounds how many websockets and streams of events are open at once, in the process
// and of one address. What is over is refused before the upgrade, with a typed error: 429 for
// the address's bound, 503 for the process's. Use one value by pointer.
type Admission struct {
	// Connections and PerAddress are the bounds; 0 is none.
	Connections, PerAddress int
	// Refused is told which bound turned a client away: "process" or "address".
	Refused func(bound string)
	Log     *slog.Logger

	mu   sync.Mutex
	open int
	of   map[string]int  // by address; no address without any
	said map[string]bool // bounds that the log has been told of
}

// Middleware admits websockets to next, and lets all else pass: whether a request is for a
// stream of events only HTTP knows. It stands behind Auth.Middleware, which knows the address.
// A websocket's place is free again when the connection ends.
func (a *Admission) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" {
			next.ServeHTTP(w, r)
			return
		}
		if address, in := a.admit(w, r); in {
			ctx, returned := live.Outlasting(r.Context(), func() { a.leave(address) })
			defer returned()
			next.ServeHTTP(w, r.WithContext(ctx))
		}
	})
}

// Admit runs what serves a connection that stays open, or refuses it. Nil admits all.
func (a *Admission) Admit(w http.ResponseWriter, r *http.Request, serve func()) {
	if a == nil {
		serve()
		return
	}
	if address, in := a.admit(w, r); in {
		defer a.leave(address)
		serve()
	}
}

// admit takes a place for the client's address, or answers that there is none.
func (a *Admission) admit(w http.ResponseWriter, r *http.Request) (address string, in bool) {
	address = account.AddressOf(r.Context())
	if bound := a.enter(address); bound != "" {
		a.turnAway(w, r, bound)
		return address, false
	}
	return address, true
}

// enter takes a place; it names the bound that is reached.
func (a *Admission) enter(address string) (bound string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.PerAddress > 0 && a.of[address] >= a.PerAddress:
		return "address"
	case a.Connections > 0 && a.open >= a.Connections:
		return "process"
	}
	if a.of == nil {
		a.of = map[string]int{}
	}
	a.open++
	a.of[address]++
	return ""
}

func (a *Admission) leave(address string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open--
	if a.of[address]--; a.of[address] == 0 {
		delete(a.of, address)
	}
}

func (a *Admission) turnAway(w http.ResponseWriter, r *http.Request, bound string) {
	status, err, most := http.StatusServiceUnavailable, fault.New(fault.CodeUnavailable), a.Connections
	seconds := int(comeBack.Seconds())
	if bound == "address" {
		status, err, most = http.StatusTooManyRequests, fault.New(fault.CodeRateLimited, fault.P("seconds", seconds)), a.PerAddress
	}
	if a.Refused != nil {
		a.Refused(bound)
	}
	if a.Log != nil && a.first(bound) {
		// An address's is most likely a proxy that is not listed, whose clients share one.
		a.Log.WarnContext(r.Context(), "connections are turned away; this is said once", "bound", bound, "max", most)
	}
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	refuse(r.Context(), w, status, err)
}

// first reports whether a bound is reached for the first time.
func (a *Admission) first(bound string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.said[bound] {
		return false
	}
	if a.said == nil {
		a.said = map[string]bool{}
	}
	a.said[bound] = true
	return true
}
