package resource

import (
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
)

// maxHolds bounds the parts that are held or promised of one resource at a time: they
// travel with its row. A larger stock is entered as several resources.
const maxHolds = 500

// Hold is a part of a resource that an allocation holds until a time, or, with a
// zero Until, has been promised for good.
type Hold struct {
	AllocationID string          `bson:"a"`
	Value        int64           `bson:"n"`
	Until        time.Time       `bson:"u"`
	Window       *measure.Window `bson:"w"`  // of a venue: nobody else has it then
	At           time.Time       `bson:"at"` // when it is needed; zero or past for now
	Parts        []Part          `bson:"p"`  // of a promise, where the resource has batches
	Sent         bool            `bson:"s"`
}

func (h Hold) promised() bool { return h.Until.IsZero() }

func (h Hold) live(now time.Time) bool { return h.promised() || now.Before(h.Until) }

// Free is what can be held now. It is never negative.
func (r *Resource) Free(now time.Time) int64 { return r.FreeAt(now, now) }

// Held is the sum of the holds whose time is not over.
func (r *Resource) Held(now time.Time) (sum int64) {
	for _, h := range r.Holds {
		if !h.promised() && h.live(now) {
			sum += h.Value
		}
	}
	return sum
}

// Committed is the sum of what is promised for good and not yet given.
func (r *Resource) Committed() (sum int64) {
	for _, h := range r.Holds {
		if h.promised() {
			sum += h.Value
		}
	}
	return sum
}

// Hold takes a part until a time. RESOURCE_UNAVAILABLE with the state when nothing
// may be taken, STOCK_SHORT with what is free and what was wanted, OUT_OF_RANGE
// below the least given at once. A venue is for one at a time: REQUIRED without a
// window, WINDOW_INVALID outside its own, STOCK_SHORT when somebody has it then.
func (r *Resource) Hold(h Hold, now time.Time) error {
	if err := r.Available(now); err != nil {
		return err
	}
	r.Release(h.AllocationID)
	r.purge(now)
	if r.Per != "" {
		h.At = clock.Later(h.At, now)
	}
	free := r.FreeAt(h.At, now)
	switch {
	case h.Value < 1 || h.Value > measure.MaxQuantity:
		return fault.New(fault.CodeQuantityInvalid, fault.P("max", measure.MaxQuantity))
	case h.Value > free:
		return short(free, h.Value)
	case h.Value < r.Minimum:
		return fault.New(fault.CodeOutOfRange, fault.P("min", r.Minimum), fault.P("max", free))
	case len(r.Holds) >= maxHolds:
		return fault.New(fault.CodeTooMany, fault.P("max", maxHolds))
	}
	if r.Kind == Venue {
		if err := r.enter(h, now); err != nil {
			return err
		}
	}
	r.Holds = append(r.Holds, h)
	return nil
}

func short(free, wanted int64) error {
	return fault.New(fault.CodeStockShort, fault.P("free", free), fault.P("wanted", wanted))
}

// enter asks whether a venue is open and empty for the hold's window.
func (r *Resource) enter(h Hold, now time.Time) error {
	switch {
	case h.Window == nil:
		return fault.New(fault.CodeRequired)
	case h.Window.Check() != nil || (r.Window != nil && !r.Window.Covers(*h.Window)):
		return fault.New(fault.CodeWindowInvalid)
	case h.Value > h.Window.Minutes():
		return fault.New(fault.CodeOutOfRange, fault.P("min", 1), fault.P("max", h.Window.Minutes()))
	}
	for _, o := range r.Holds {
		if o.live(now) && o.Window != nil && o.Window.Overlaps(*h.Window) {
			return short(0, h.Value)
		}
	}
	return nil
}

// FreeFrom is the first moment not before from at which a venue is open and empty for
// as long as asked; zero if it never is.
func (r *Resource) FreeFrom(from time.Time, length time.Duration, now time.Time) time.Time {
	if r.Window != nil && r.Window.From.After(from) {
		from = r.Window.From
	}
	taken := slices.DeleteFunc(slices.Clone(r.Holds), func(h Hold) bool { return h.Window == nil || !h.live(now) })
	slices.SortFunc(taken, func(a, b Hold) int { return a.Window.From.Compare(b.Window.From) })
	for _, h := range taken {
		if h.Window.Overlaps(measure.Window{From: from, To: from.Add(length)}) {
			from = h.Window.To
		}
	}
	if r.Window != nil && from.Add(length).After(r.Window.To) {
		return time.Time{}
	}
	return from
}

// Commit promises a held part for good. A hold whose time is over is taken anew if
// the part is still free, else HOLD_LAPSED. What has ended can no longer be
// promised: RESOURCE_UNAVAILABLE.
func (r *Resource) Commit(h Hold, now time.Time) error {
	i := r.find(h.AllocationID)
	if i >= 0 && r.Holds[i].promised() {
		return nil
	}
	if r.ended(now) {
		return fault.New(fault.CodeResourceUnavailable, fault.P("state", string(Expired)))
	}
	if i < 0 || !r.Holds[i].live(now) {
		h.Until = now.Add(1)
		if err := r.Hold(h, now); err != nil {
			return fault.New(fault.CodeHoldLapsed, fault.Because(err))
		}
		i = r.find(h.AllocationID)
	}
	return r.promise(&r.Holds[i], now)
}

// promise makes a hold a promise, of the batches that go off first. STOCK_SHORT if they
// have gone off while it was held.
func (r *Resource) promise(h *Hold, now time.Time) error {
	if len(r.Batches) > 0 {
		parts := r.pick(h.Value, clock.Later(h.At, now))
		if n := sum(parts); n < h.Value {
			return short(n, h.Value)
		}
		h.Parts = parts
	}
	if r.Per != "" && r.Per.Start(h.At).Before(r.Per.Start(now)) { // its period is over: it takes of this one
		if free := r.freeIn(now, now); free < h.Value {
			return short(free, h.Value)
		}
		h.At = now
	}
	h.Until = time.Time{}
	return nil
}

// Send says that a promised part is on its way: a recall can't take it back.
func (r *Resource) Send(allocationID string) {
	if i := r.find(allocationID); i >= 0 {
		r.Holds = slices.Clone(r.Holds)
		r.Holds[i].Sent = true
	}
}

// Release gives back what an allocation holds or was promised; nothing if it has nothing.
func (r *Resource) Release(allocationID string) {
	if i := r.find(allocationID); i >= 0 {
		r.Holds = slices.Delete(slices.Clone(r.Holds), i, i+1)
	}
}

// Consume says that of a promised part so much was given and so much lost on its way;
// the rest is free again. HOLD_LAPSED when nothing was promised, OUT_OF_RANGE beyond
// what was.
func (r *Resource) Consume(allocationID string, delivered, lost int64) error {
	i := r.find(allocationID)
	if i < 0 || !r.Holds[i].promised() {
		return fault.New(fault.CodeHoldLapsed)
	}
	if taken := r.Holds[i].Value; delivered < 0 || lost < 0 || delivered > taken || lost > taken-delivered {
		return fault.New(fault.CodeOutOfRange, fault.P("min", 0), fault.P("max", taken))
	}
	r.Used, r.Lost = r.Used+delivered, r.Lost+lost
	if r.Per != "" {
		r.spend(r.Holds[i], delivered, lost)
	}
	r.Batches = slices.Clone(r.Batches)
	for _, p := range r.Holds[i].Parts { // in the order of the parts, first what was given
		given := min(delivered, p.Value)
		gone := min(lost, p.Value-given)
		b := r.batch(p.Batch)
		b.Used, b.Lost = b.Used+given, b.Lost+gone
		delivered, lost = delivered-given, lost-gone
	}
	r.Release(allocationID)
	r.settle()
	return nil
}

// resize sets all that was ever offered: OUT_OF_RANGE below what is held, promised,
// given and lost.
func (r *Resource) resize(total int64, now time.Time) error {
	r.purge(now) // what has lapsed must not come back into a smaller stock
	taken := r.Total.Value - r.Free(now)
	if r.Per != "" {
		taken = r.fullest(now)
	}
	least := max(1, taken)
	if total < least {
		return fault.New(fault.CodeOutOfRange, fault.P("min", least), fault.P("max", measure.MaxQuantity))
	}
	r.Total.Value = total
	r.settle()
	return nil
}

// purge drops lapsed holds.
func (r *Resource) purge(now time.Time) {
	r.Holds = slices.DeleteFunc(slices.Clone(r.Holds), func(h Hold) bool { return !h.live(now) })
	r.Spent = slices.DeleteFunc(slices.Clone(r.Spent), func(s Spent) bool { return !r.Per.Next(s.From).After(now) })
}

// drop ends all holds that are not promises.
func (r *Resource) drop() {
	r.Holds = slices.DeleteFunc(slices.Clone(r.Holds), func(h Hold) bool { return !h.promised() })
}

func (r *Resource) find(allocationID string) int {
	return slices.IndexFunc(r.Holds, func(h Hold) bool { return h.AllocationID == allocationID })
}
