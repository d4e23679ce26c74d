package server

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/fivesociety/linkage/internal/store"
)

// readyWithin bounds how long a readiness check may take.
const readyWithin = 2 * time.Second

// Health answers whether the process lives and whether it can serve.
type Health struct {
	DB       *store.DB
	Log      *slog.Logger
	draining atomic.Bool
}

// Drain makes the process not ready, so that a balancer sends nothing new while it
// ends.
func (h *Health) Drain() { h.draining.Store(true) }

// Live answers 200 as long as the process answers at all.
func (h *Health) Live(w http.ResponseWriter, _ *http.Request) { said(w, http.StatusOK, "alive") }

// Ready answers 200 when the store can be reached and its log be read, else 503.
// The reason is in the log only.
func (h *Health) Ready(w http.ResponseWriter, r *http.Request) {
	if h.draining.Load() {
		said(w, http.StatusServiceUnavailable, "draining")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	if err := h.check(ctx); err != nil {
		h.Log.WarnContext(ctx, "not ready", "cause", err.Error())
		said(w, http.StatusServiceUnavailable, "unavailable")
		return
	}
	said(w, http.StatusOK, "ready")
}

func (h *Health) check(ctx context.Context) error {
	end, _, err := h.DB.LogEnd(ctx)
	if err != nil || end == 0 {
		return err
	}
	_, err = h.DB.Log(ctx, store.LogQuery{After: end - 1, Limit: 1})
	return err
}

func said(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Content-Type", typeJSON)
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"status":"` + word + `"}` + "\n")) // a prober that is gone is nobody's error
}
