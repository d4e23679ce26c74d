package allocation_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/fivesociety/linkage/internal/resource"
)

// books are what a plain reckoning says of one resource: who has what in hand, and what
// is gone for good of each slot. It shares nothing with the code that it judges.
type books struct {
	parts map[string]part
	gone  [slots]int64
}

type part struct {
	n    int64
	slot int
	sent string // the last step
}

// free is what a slot has left. What is not by slot is all in the first.
func (b books) free(kind int, slot int) int64 {
	left := scarce[kind].total
	if k := scarce[kind].kind; k == resource.Venue || k == hours {
		left = 1
	}
	left -= b.gone[slot]
	for _, p := range b.parts {
		if p.slot == slot {
			left -= p.n
		}
	}
	return left
}

// can applies an operation, or says that it can't be.
func (b books) can(o op) (books, bool) {
	kind := kindOf(o.Res)
	after := books{maps.Clone(b.parts), b.gone}
	p, has := b.parts[o.Alc]
	switch {
	case o.Do == "hold":
		p = part{n: o.N, slot: o.Slot}
		switch scarce[kind].kind {
		case resource.Venue, hours:
			p.n = 1
		case resource.Goods, resource.Fund, resource.InKind:
			p.slot = 0
		case resource.Serving:
		}
		if has || p.n > b.free(kind, p.slot) {
			return b, false
		}
	case !has:
		return b, false
	case o.Do == "commit" && p.sent == "hold", o.Do == "dispatch" && p.sent == "commit":
	case o.Do == "release" && p.sent != "dispatch", o.Do == "return" && p.sent == "dispatch":
		delete(after.parts, o.Alc)
		return after, true
	case o.Do == "deliver" && p.sent == "dispatch":
		// A room that was used is free again afterwards; its hour is over for all that the books say.
		if scarce[kind].kind != resource.Venue {
			after.gone[p.slot] += p.n
		}
		delete(after.parts, o.Alc)
		return after, true
	default:
		return b, false
	}
	p.sent = o.Do
	after.parts[o.Alc] = p
	return after, true
}

// reckoning is the model: what is known must follow from the books as they stood at some
// moment while it was under way, what nobody knows may have happened or not.
var reckoning = porcupine.NondeterministicModel{
	Init: func() []any { return []any{books{parts: map[string]part{}}} },
	Step: func(state, input, _ any) []any {
		b, o := state.(books), input.(op)
		after, can := b.can(o)
		switch {
		case o.Ret == 0 && can:
			return []any{b, after}
		case o.Ret == 0 || !o.OK && !can:
			return []any{b}
		case o.OK && can:
			return []any{after}
		}
		return nil
	},
	Equal: func(x, y any) bool {
		a, b := x.(books), y.(books)
		return a.gone == b.gone && maps.Equal(a.parts, b.parts)
	},
	DescribeOperation: func(input, _ any) string { return fmt.Sprintf("%+v", input.(op)) },
}

// judge fails unless what was said has an order that the books allow, resource by
// resource; it returns how many operations there were, and how many of them were attempts
// to take something.
func (d *diary) judge(t *testing.T) (ops, attempts int) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	var last int64
	for _, o := range d.ops {
		last = max(last, o.Ret)
	}
	byResource, refused := map[string][]porcupine.Operation{}, 0
	for _, o := range d.ops {
		end := o.Ret
		if end == 0 {
			end = last + 1 // nobody knows: it may have taken until the end
		}
		if !o.OK && o.Ret > 0 {
			if o.Ret > d.away[0] && o.Call < d.away[1] {
				continue // refused by a read that may have been behind: what was given is what counts
			}
			refused++
		}
		if o.Do == "hold" {
			attempts++
		}
		byResource[o.Res] = append(byResource[o.Res], porcupine.Operation{Input: o, Call: o.Call, Return: end})
	}
	for res, history := range byResource {
		if got := porcupine.CheckOperationsTimeout(reckoning.ToModel(), history, time.Minute); got != porcupine.Ok {
			t.Errorf("%s: a history of %d operations is %s", res, len(history), got)
		}
	}
	if refused == 0 {
		t.Error("nothing was scarce: nobody was refused")
	}
	return len(d.ops), attempts
}
