package server

import (
	"context"
	"math"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/fault"
)

// Cost that may be spent in a second in the long run, unless Limits says otherwise, and
// for how many seconds it may be saved up. An account that reads a page of fifty requests
// with fifteen fields each second spends a fifth of it; behind one address may sit a
// whole town hall.
const (
	actorCost   = 5_000
	addressCost = 50_000
	savedUp     = 60
)

// budget is what callers may still spend: each account, or address of who is nobody, and
// each address in all.
type budget struct{ actors, addresses *purses }

// purses are the balances of the keys seen last.
type purses struct {
	perSecond, size int
	mu              sync.Mutex // get-or-make of a key is one step
	keys            *lru.Cache[string, *rate.Limiter]
}

// pursesKept bounds the memory; who is unseen for longest has a full purse again.
const pursesKept = 16384

// newPurses makes full ones, which hold the dearest query at least; nil, which is never
// empty, for a negative rate.
func newPurses(perSecond, dearest int) *purses {
	if perSecond < 0 {
		return nil
	}
	keys, _ := lru.New[string, *rate.Limiter](pursesKept) // it fails for a size below 1 only
	return &purses{perSecond: perSecond, size: max(savedUp*perSecond, dearest), keys: keys}
}

// spent is what extensions.cost says of an operation.
type spent struct {
	Requested int  `json:"requested"`
	Remaining *int `json:"remaining,omitempty"` // of the actor's purse; not there without one
}

// spend takes a cost from the caller's purses, or from none: RATE_LIMITED with the seconds
// to wait.
func (b *budget) spend(ctx context.Context, cost int) (spent, error) {
	now, address := time.Now(), account.AddressOf(ctx)
	left, giveBack, err := b.actors.take(payer(ctx), cost, now)
	if err != nil {
		return spent{}, err
	}
	if _, _, err := b.addresses.take(address, cost, now); err != nil {
		giveBack()
		return spent{}, err
	}
	return spent{cost, left}, nil
}

// payer is the caller's account, or the address of who is nobody.
func payer(ctx context.Context) string {
	if id, ok := account.IdentityFrom(ctx); ok {
		return id.Account
	}
	return "address " + account.AddressOf(ctx)
}

func (p *purses) take(key string, cost int, now time.Time) (left *int, giveBack func(), err error) {
	if p == nil {
		return nil, func() {}, nil
	}
	purse := p.of(key)
	r := purse.ReserveN(now, cost)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return nil, nil, fault.New(fault.CodeRateLimited, fault.P("seconds", int(min(math.Ceil(wait.Seconds()), math.MaxInt32))))
	}
	n := int(purse.TokensAt(now))
	return &n, func() { r.CancelAt(now) }, nil
}

func (p *purses) of(key string) *rate.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l, ok := p.keys.Get(key); ok {
		return l
	}
	l := rate.NewLimiter(rate.Limit(p.perSecond), p.size)
	p.keys.Add(key, l)
	return l
}
