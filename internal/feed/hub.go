package feed

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/seal"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/stream"
)

// Rights is what a log entry says of somebody's rights.
type Rights struct {
	Account string         // whose rights or sessions it is about
	Session string         // set when this one session ended
	Ended   bool           // the account may not go on at all
	Grants  []access.Grant // without Session: the account's standing grants after the entry
}

// Config is what a hub works with. Zero values are good defaults where one is named.
type Config struct {
	// Box seals cursors; needed.
	Box *seal.Box
	// Events reads an entry that changes somebody's rights; ok is false for others.
	// Nil: rights never change.
	Events func(*store.Entry) (r Rights, ok bool, err error)
	// OnRevoke is told, in the entry's sequence and before any later entry is
	// routed, that an account (or, if not empty, only one session of it) has lost a
	// right that an open subscription lived on, or may not go on at all. It must not
	// block. The server closes the sockets there, so that nothing leaves any more.
	OnRevoke func(account, session string)
	Clock    clock.Clock   // the machine's
	Log      *slog.Logger  // silent
	Poll     time.Duration // 1 s: how long a ring of the doorbell may be missed
	Idle     time.Duration // 30 s of silence until a checkpoint
	Queue    int           // 256 events a member may lag behind
	Ring     int           // 2,048 recent entries in memory, for resuming
	Window   int64         // 100,000 entries back from the end that can be resumed
}

func (c Config) withDefaults() Config {
	if c.Clock == nil {
		c.Clock = clock.System()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	or(&c.Poll, time.Second)
	or(&c.Idle, 30*time.Second)
	or(&c.Queue, 256)
	or(&c.Ring, 2048)
	or(&c.Window, 100_000)
	return c
}

func or[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Hub reads the log and feeds its members. Make it with New, run it once with
// Run; its other methods are safe for concurrent use.
type Hub struct {
	cfg   Config
	db    *store.DB
	ready chan struct{} // closed when Run knows where the log ends
	ended chan struct{} // closed when Run has ended

	mu       sync.Mutex
	seq      int64 // the last entry applied
	mark     int64 // of it
	ring     ring
	members  int
	accounts map[string]*Subscription   // the first of each account's; the others hang on it
	waiting  map[*Subscription]struct{} // those that take what comes at their own pace
	handing  map[*view]struct{}         // whose members the hub hands over to
	views    map[viewKey]*view          // that members can share
	due      []*Subscription            // to be handed what is in their queues
	over     []*Subscription            // to be told that they have ended
	telling  []*view                    // that have been asked what the entries are that are being routed
	shown    map[look]stream.Item       // what has been made of these entries
	mine     map[mine][]stream.Item     // what the entry that is being routed is to those whom it names
	sweep    time.Time                  // before it nobody waits for a checkpoint
	routed   []Event                    // room for what one entry is
	named    []string                   // room for whom one entry names
	parcels  []parcel                   // room for what is handed over; the hub's goroutine's alone
}

// New makes a hub over an open store.
func New(db *store.DB, cfg Config) *Hub {
	return &Hub{
		cfg: cfg.withDefaults(), db: db, shown: map[look]stream.Item{}, views: map[viewKey]*view{}, handing: map[*view]struct{}{},
		mine: map[mine][]stream.Item{}, accounts: map[string]*Subscription{}, waiting: map[*Subscription]struct{}{},
		ready: make(chan struct{}), ended: make(chan struct{}),
	}
}

// Run reads the log until ctx ends, then ends all subscriptions with ErrStopped
// and returns ctx's error. A failing store is asked again at the next poll.
func (h *Hub) Run(ctx context.Context) error {
	defer h.stop()
	ring, release := h.db.Bell()
	defer release()
	for started := false; ; {
		var err error
		if !started {
			if err = h.start(ctx); err == nil {
				started = true
			}
		}
		if err == nil {
			err = h.read(ctx)
			h.handOver(true)
		}
		if err != nil && ctx.Err() == nil {
			h.cfg.Log.WarnContext(ctx, "feed: reading the log", "cause", err.Error())
		}
		if err := h.pause(ctx, ring); err != nil {
			return err
		}
	}
}

// pause waits for a ring or the next poll.
func (h *Hub) pause(ctx context.Context, ring <-chan struct{}) error {
	poll := make(chan struct{})
	timer := h.cfg.Clock.AfterFunc(h.cfg.Poll, func() { close(poll) })
	defer timer.Stop()
	select {
	case <-ring:
	case <-poll:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (h *Hub) start(ctx context.Context) error {
	end, at, err := h.db.LogEnd(ctx)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq, h.mark, h.ring = end, markOf(at), ring{max: h.cfg.Ring, from: end}
	close(h.ready)
	return nil
}

// read applies all entries that are committed by now.
func (h *Hub) read(ctx context.Context) error {
	for {
		h.mu.Lock()
		after := h.seq
		h.mu.Unlock()
		entries, err := h.db.Log(ctx, store.LogQuery{After: after, Limit: batch})
		if err != nil {
			return err
		}
		for i, e := range entries {
			if err := h.apply(e); err != nil {
				return err
			}
			if i%together == together-1 {
				h.handOver(false)
			}
		}
		if len(entries) < batch {
			return nil
		}
	}
}

// batch is how many entries are read from the store at once; together is how many of them
// are handed over at once, so that a burst costs a reader few writes.
const (
	batch    = 256
	together = 64
)

// parcel is what one member is handed, or told.
type parcel struct {
	to    stream.Receiver
	items []stream.Item
	again bool
	err   error
}

// handOver gives those who follow what has been routed to them, and tells those who have
// ended why. Who is not ready goes on at its own pace. After all that there is it also looks
// for who has heard nothing for long.
func (h *Hub) handOver(all bool) {
	h.mu.Lock()
	now := h.now()
	if all {
		h.checkpoints(now)
	}
	parcels := h.collect(h.parcels[:0], now)
	clear(h.due)
	clear(h.telling)
	clear(h.shown)
	h.due, h.telling, h.over = h.due[:0], h.telling[:0], nil
	h.mu.Unlock()
	for _, p := range parcels {
		switch {
		case p.err != nil:
			p.to.Over(p.err)
		case p.again:
			p.to.Again()
		default:
			p.to.Take(p.items)
		}
	}
	clear(parcels)
	h.parcels = parcels[:0]
}

// apply lets one entry take effect: rights first, then the routing. An entry whose
// rights can't be read stops the hub there: to go on would be to ignore a revocation.
func (h *Hub) apply(e *store.Entry) error {
	var r Rights
	var about bool
	if h.cfg.Events != nil {
		var err error
		if r, about, err = h.cfg.Events(e); err != nil {
			return err
		}
	}
	h.mu.Lock()
	revoked := about && h.applyRights(r, e.Seq)
	h.seq, h.mark = e.Seq, markOf(e.At)
	if h.ring.add(e); erases(e) {
		h.ring = ring{max: h.cfg.Ring, from: e.Seq} // what was erased from the log is in older entries in memory
	}
	h.route(e)
	h.mu.Unlock()
	if revoked && h.cfg.OnRevoke != nil {
		h.cfg.OnRevoke(r.Account, r.Session)
	}
	return nil
}

// applyRights ends or adapts the subscriptions of an account; h.mu is held. What stood in
// the log before a member came is in the rights that it read since, or has been taken back
// by what is in them: an older grant would look like the loss of a newer one. It
// reports whether somebody lost something.
func (h *Hub) applyRights(r Rights, seq int64) bool {
	revoked := r.Ended || r.Session != ""
	for s := h.accounts[r.Account]; s != nil; {
		next := s.next // who ends leaves
		if seq > s.target && s.adopt(r) {
			revoked = true
		}
		s = next
	}
	return revoked
}

// Stats is how many read the feed, and the last entry that was applied.
func (h *Hub) Stats() (members int, seq int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.members, h.seq
}

func (h *Hub) stop() {
	h.mu.Lock()
	for s := range h.all {
		s.end(ErrStopped)
	}
	close(h.ended)
	h.mu.Unlock()
	h.handOver(false)
}
