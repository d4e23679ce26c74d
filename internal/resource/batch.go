package resource

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/usecase"
)

// batchPrefix is that of batch ids; the rest is its resource's, and its number in it.
const batchPrefix = "bch"

// maxBatches bounds the batches of one resource: they travel with its row.
const maxBatches = 200

// Batch is goods that came in together. What came in of all batches is the resource's
// total, and so are what was given and lost of them.
type Batch struct {
	ID         string       `bson:"id"`
	Lot        string       `bson:"lot"`
	ReceivedOn usecase.Date `bson:"receivedOn"`
	ExpiresOn  usecase.Date `bson:"expiresOn"` // last day, "" for none
	ExpiresAt  time.Time    `bson:"expiresAt"` // the moment that day is over
	Received   int64        `bson:"received"`
	Used       int64        `bson:"used"`
	Lost       int64        `bson:"lost"`
	RecalledAt time.Time    `bson:"recalledAt"`
	Reason     string       `bson:"reason"` // RECALL_REASON
}

// Part is how much of a batch was promised.
type Part struct {
	Batch string `bson:"b"`
	Value int64  `bson:"n"`
}

// good reports whether something that is needed from a moment on can be of the batch.
func (b *Batch) good(at time.Time) bool {
	return b.RecalledAt.IsZero() && (b.ExpiresAt.IsZero() || at.Before(b.ExpiresAt))
}

// sooner orders batches by what goes off first, then by what came in first.
func (b *Batch) sooner(o *Batch) int {
	switch {
	case b.ExpiresAt.Equal(o.ExpiresAt):
		return 0
	case b.ExpiresAt.IsZero() || (!o.ExpiresAt.IsZero() && o.ExpiresAt.Before(b.ExpiresAt)):
		return 1
	}
	return -1
}

// BatchOf is the resource that a batch's id belongs to, and the batch's number, from 0;
// "" for what is no such id.
func BatchOf(id string) (resourceID string, number int) {
	body, n, ok := strings.Cut(strings.TrimPrefix(id, batchPrefix+"_"), ".")
	if _, err := fmt.Sscan(n, &number); err != nil || !ok || number < 1 {
		return "", 0
	}
	return prefix + "_" + body, number - 1
}

func (r *Resource) batchID() string {
	return fmt.Sprintf("%s_%s.%d", batchPrefix, strings.TrimPrefix(r.ID, prefix+"_"), len(r.Batches)+1)
}

// left is what of a batch is neither given nor lost nor promised.
func (r *Resource) left(b *Batch) int64 {
	left := b.Received - b.Used - b.Lost
	for _, h := range r.Holds {
		for _, p := range h.Parts {
			if p.Batch == b.ID {
				left -= p.Value
			}
		}
	}
	return left
}

// goodAt is all that is left for what is needed from a moment on, held or not.
func (r *Resource) goodAt(at time.Time) (sum int64) {
	for i := range r.Batches {
		if b := &r.Batches[i]; b.good(at) {
			sum += r.left(b)
		}
	}
	return sum
}

// FreeAt is what can be held now of what is still good at a later moment. What is held
// is of no batch yet: every hold finds its part among what is good for it exactly if,
// from each moment on, no more is held than will be good, for what is good later is a
// part of what is good sooner.
func (r *Resource) FreeAt(at, now time.Time) int64 {
	if r.Per != "" {
		return r.freeIn(clock.Later(at, now), now)
	}
	if len(r.Batches) == 0 {
		return r.Total.Value - r.Used - r.Lost - r.Held(now) - r.Committed()
	}
	at = clock.Later(at, now)
	moments := []time.Time{at}
	for _, h := range r.Holds {
		if from := clock.Later(h.At, now); !h.promised() && h.live(now) && from.Before(at) {
			moments = append(moments, from)
		}
	}
	free := r.Total.Value
	for _, from := range moments {
		room := r.goodAt(from)
		for _, h := range r.Holds {
			if !h.promised() && h.live(now) && !clock.Later(h.At, now).Before(from) {
				room -= h.Value
			}
		}
		free = min(free, room)
	}
	return max(0, free)
}

// pick is the parts of what is wanted from a moment on: of what goes off first, first.
// What there is not is missing from them.
func (r *Resource) pick(wanted int64, at time.Time) (parts []Part) {
	order := make([]*Batch, 0, len(r.Batches))
	for i := range r.Batches {
		if r.Batches[i].good(at) {
			order = append(order, &r.Batches[i])
		}
	}
	slices.SortStableFunc(order, (*Batch).sooner)
	for _, b := range order {
		if n := min(wanted, r.left(b)); n > 0 {
			parts, wanted = append(parts, Part{b.ID, n}), wanted-n
		}
	}
	return parts
}

func sum(parts []Part) (n int64) {
	for _, p := range parts {
		n += p.Value
	}
	return n
}

// Parts is of which batches an allocation was promised its part.
func (r *Resource) Parts(allocationID string) []Part {
	if i := r.find(allocationID); i >= 0 {
		return r.Holds[i].Parts
	}
	return nil
}

// CalledBack reports whether something that was given in these parts, or before there were
// batches, has been called back.
func (r *Resource) CalledBack(parts []Part) bool {
	if len(parts) == 0 && len(r.Batches) > 0 { // what was there before is the first batch
		parts = []Part{{Batch: r.Batches[0].ID}}
	}
	return r.State() == Recalled || slices.ContainsFunc(parts, func(p Part) bool {
		b := r.batch(p.Batch)
		return b != nil && !b.RecalledAt.IsZero()
	})
}

// GoesOff is when what would be given first goes off, for a need from a moment on; zero
// for never, and if there is none.
func (r *Resource) GoesOff(at time.Time) time.Time {
	if len(r.Batches) == 0 {
		return r.ExpiresAt
	}
	if parts := r.pick(1, at); len(parts) > 0 {
		return r.batch(parts[0].Batch).ExpiresAt
	}
	return time.Time{}
}

// GoodUntil is the last moment before which a need has to begin for at least so much to
// be free for it: where that is not free at all, the end of its last day. Zero if there
// is none.
func (r *Resource) GoodUntil(least int64, now time.Time) (until time.Time) {
	if len(r.Batches) == 0 || r.Free(now) < least {
		return r.ExpiresAt
	}
	for i := range r.Batches {
		if at := r.Batches[i].ExpiresAt; at.After(now) && r.FreeAt(at.Add(-1), now) >= least {
			until = clock.Later(until, at)
		}
	}
	return until
}

func (r *Resource) batch(id string) *Batch {
	if i := slices.IndexFunc(r.Batches, func(b Batch) bool { return b.ID == id }); i >= 0 {
		return &r.Batches[i]
	}
	return nil
}

// receive adds a batch. What there was before without batches becomes the first of them.
func (r *Resource) receive(b Batch) error {
	r.Batches, r.Holds = slices.Clone(r.Batches), slices.Clone(r.Holds)
	if len(r.Batches) == 0 {
		first := Batch{
			ID: r.batchID(), Lot: r.Batch, ReceivedOn: r.ReceivedOn, ExpiresOn: r.ExpiresOn, ExpiresAt: r.ExpiresAt,
			Received: r.Total.Value, Used: r.Used, Lost: r.Lost,
		}
		if first.ReceivedOn == "" {
			first.ReceivedOn = usecase.DateOf(r.CreatedAt)
		}
		for i, h := range r.Holds {
			if h.promised() {
				r.Holds[i].Parts = []Part{{first.ID, h.Value}}
			}
		}
		r.Batches, r.Batch = []Batch{first}, ""
	}
	switch {
	case len(r.Batches) >= maxBatches:
		return fault.New(fault.CodeTooMany, fault.At("input", "charityResourceId"), fault.P("max", maxBatches))
	case b.Received > measure.MaxQuantity-r.Total.Value:
		return fault.New(fault.CodeOutOfRange, fault.At("input", "quantity", "value"), fault.P("min", 1), fault.P("max", measure.MaxQuantity-r.Total.Value))
	}
	b.ID = r.batchID()
	r.Batches = append(r.Batches, b)
	r.Total.Value += b.Received
	r.lasts()
	r.settle()
	return nil
}

// lasts sets the resource's last day: the last of its batches that may be given.
func (r *Resource) lasts() {
	r.ExpiresOn, r.ExpiresAt = "", time.Time{}
	var last *Batch
	for i := range r.Batches {
		if b := &r.Batches[i]; b.RecalledAt.IsZero() && (last == nil || last.sooner(b) < 0) {
			last = b
		}
	}
	if last != nil {
		r.ExpiresOn, r.ExpiresAt = last.ExpiresOn, last.ExpiresAt
	}
}

// callBack calls a batch back and finds anew, of other batches, what stands on it and was
// not sent: promises before holds, older ones first. It returns the holds that changed, as
// they stand now; of those with a value of 0 nothing is left. NOT_FOUND for a batch that
// is not there, RESOURCE_UNAVAILABLE for one that was called back before.
func (r *Resource) callBack(id, reason string, now time.Time) (changed []Hold, err error) {
	r.Batches = slices.Clone(r.Batches)
	b := r.batch(id)
	if b == nil {
		return nil, fault.New(fault.CodeNotFound, fault.At("input", "batchId"))
	}
	if !b.RecalledAt.IsZero() {
		return nil, fault.New(fault.CodeResourceUnavailable, fault.At("input", "batchId"), fault.P("state", string(Recalled)))
	}
	b.RecalledAt, b.Reason = now, reason
	r.purge(now)
	r.lasts()
	for i, h := range r.Holds {
		if !h.promised() || h.Sent || !slices.ContainsFunc(h.Parts, func(p Part) bool { return p.Batch == id }) {
			continue
		}
		r.Holds[i].Parts = slices.DeleteFunc(slices.Clone(h.Parts), func(p Part) bool { return p.Batch == id })
		r.Holds[i].Parts = join(r.Holds[i].Parts, r.pick(h.Value-sum(r.Holds[i].Parts), clock.Later(h.At, now)))
		r.Holds[i].Value = sum(r.Holds[i].Parts)
		changed = append(changed, r.Holds[i])
	}
	all := r.Holds
	r.Holds = slices.DeleteFunc(slices.Clone(all), func(h Hold) bool { return !h.promised() || h.Value == 0 })
	for _, h := range all {
		if h.promised() {
			continue
		}
		if free := r.FreeAt(h.At, now); free < h.Value {
			h.Value = free
			changed = append(changed, h)
		}
		if h.Value > 0 {
			r.Holds = append(r.Holds, h)
		}
	}
	return changed, nil
}

// join adds parts to others, one for each batch.
func join(parts, more []Part) []Part {
	for _, m := range more {
		if i := slices.IndexFunc(parts, func(p Part) bool { return p.Batch == m.Batch }); i >= 0 {
			parts[i].Value += m.Value
		} else {
			parts = append(parts, m)
		}
	}
	return parts
}
