package server

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"runtime/debug"
	"sync"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

type (
	requestIDKey struct{}
	notesKey     struct{}
)

// requestIDHeader carries the request's id in both directions.
const requestIDHeader = "X-Request-Id"

var goodRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// RequestID is the id of the request in ctx, "" outside of one.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// notes is what the layers below tell the request's log line. Operations that outlive
// their request, or share it, tell nobody any more.
type notes struct {
	mu        sync.Mutex
	operation string
	codes     []string
}

func (n *notes) failed(code string) {
	if n != nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.codes = append(n.codes, code)
	}
}

// runs notes the first operation's name.
func (n *notes) runs(operation string) {
	if n != nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.operation == "" {
			n.operation = operation
		}
	}
}

func notesOf(ctx context.Context) *notes {
	n, _ := ctx.Value(notesKey{}).(*notes)
	return n
}

// Logged gives each request an id (a caller's own is kept when it is well formed),
// security headers, a log line without personal data (no query, variables, bodies,
// addresses or accounts), and contains panics. Each of then is told the status.
func Logged(log *slog.Logger, next http.Handler, then ...func(status int)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestIDHeader)
		if !goodRequestID.MatchString(id) {
			id = newRequestID()
		}
		n := &notes{}
		ctx := context.WithValue(context.WithValue(r.Context(), requestIDKey{}, id), notesKey{}, n)
		w.Header().Set(requestIDHeader, id)
		secure(w.Header())
		seen := &watched{ResponseWriter: w}
		started := time.Now()
		defer func() {
			if p := recover(); p != nil {
				contain(ctx, log, seen, p)
			}
			for _, tell := range then {
				tell(seen.status)
			}
			n.mu.Lock()
			defer n.mu.Unlock()
			log.InfoContext(ctx, "request", "request", id, "method", r.Method, "path", r.URL.Path, "status", seen.status,
				"bytes", seen.bytes, "took", time.Since(started).Round(time.Microsecond), "operation", n.operation, "codes", n.codes)
		}()
		next.ServeHTTP(seen, r.WithContext(ctx))
	})
}

// contain answers a request whose handler panicked; http.ErrAbortHandler goes on.
func contain(ctx context.Context, log *slog.Logger, w *watched, p any) {
	if p == http.ErrAbortHandler { //nolint:errorlint // the value itself is what net/http panics with
		panic(p)
	}
	log.ErrorContext(ctx, "panic", "request", RequestID(ctx), "panic", p, "stack", string(debug.Stack()))
	if w.status == 0 {
		refuse(ctx, w, http.StatusInternalServerError, fault.New(fault.CodeInternal))
	}
}

func newRequestID() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program if the system has no entropy
	return hex.EncodeToString(b[:])
}

// secure sets what every answer carries; pages with scripts of their own set
// another policy.
func secure(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
}

// watched notes status and size. Unwrap lets http.ResponseController reach what the
// underlying writer can do: flush, hijack, deadlines.
type watched struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *watched) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Hijack notes that the connection is a websocket's from now on.
func (w *watched) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, buffers, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.status = http.StatusSwitchingProtocols
	}
	return c, buffers, err
}
