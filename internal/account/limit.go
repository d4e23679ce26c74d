package account

import (
	"math"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/fivesociety/linkage/internal/fault"
)

// Pace bounds tries: Burst at once, then one Every.
type Pace struct {
	Burst int
	Every time.Duration
}

// pacer counts failed tries by a key, a name or an address, of the keys seen last.
type pacer struct {
	pace Pace
	mu   sync.Mutex // get-or-make of a key is one step
	keys *lru.Cache[string, *rate.Limiter]
}

// pacedKeys bounds the memory of a pacer; the key unseen for longest is forgotten.
const pacedKeys = 16384

func newPacer(p Pace) (*pacer, error) {
	c, err := lru.New[string, *rate.Limiter](pacedKeys)
	return &pacer{pace: p, keys: c}, err
}

// try takes one token of a key: RATE_LIMITED with the seconds to wait when there is
// none. refund gives it back: only what fails is counted. An empty key is not paced.
func (p *pacer) try(key string, now time.Time) (refund func(), err error) {
	if key == "" {
		return func() {}, nil
	}
	r := p.limiter(key).ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return nil, fault.New(fault.CodeRateLimited, fault.P("seconds", int(math.Ceil(wait.Seconds()))))
	}
	return func() { r.CancelAt(now) }, nil
}

func (p *pacer) limiter(key string) *rate.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l, ok := p.keys.Get(key); ok {
		return l
	}
	l := rate.NewLimiter(rate.Every(p.pace.Every), p.pace.Burst)
	p.keys.Add(key, l)
	return l
}
