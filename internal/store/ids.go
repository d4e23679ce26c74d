package store

import (
	"crypto/rand"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// ids makes identifiers. Sortable ones of one process never go back, even
// within a millisecond.
type ids struct {
	mu      sync.Mutex
	code    string
	now     func() time.Time
	entropy *ulid.MonotonicEntropy
}

func newIDs(code string, now func() time.Time) *ids {
	return &ids{code: code, now: now, entropy: ulid.Monotonic(rand.Reader, 0)}
}

func (g *ids) sortable(prefix string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	u, err := ulid.New(ulid.Timestamp(g.now()), g.entropy)
	if err != nil { // the monotonic part overflowed within one millisecond
		u = ulid.MustNew(ulid.Timestamp(g.now()), rand.Reader)
	}
	return g.join(prefix, u)
}

func (g *ids) blind(prefix string) string {
	var u ulid.ULID
	if _, err := rand.Read(u[:]); err != nil {
		panic(err) // crypto/rand never fails on a supported system
	}
	return g.join(prefix, u)
}

func (g *ids) join(prefix string, u ulid.ULID) string {
	return prefix + "_" + g.code + strings.ToLower(u.String())
}

// IDPrefix is the part of an id in front of "_", "" when there is none.
func IDPrefix(id string) string {
	p, _, ok := strings.Cut(id, "_")
	if !ok {
		return ""
	}
	return p
}
