package store

import (
	"errors"
	"fmt"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

// errStale marks a unit whose reads were overtaken; Tx runs it again.
var errStale = errors.New("store: what the unit read is stale")

// errOvertaken is errStale found before the commit: the unit may run again at once.
var errOvertaken = fmt.Errorf("%w: a queued unit writes it", errStale)

// guardNoun holds the guard documents: nothing but a revision each.
const guardNoun = "guard"

// Key names one stored object.
type Key struct{ Noun, ID string }

// Change is what a Write does.
type Change uint8

// The changes.
const (
	Put    Change = iota + 1 // insert or replace with Record
	Remove                   // delete
	Bump                     // guard: revision + 1, made if absent
)

// Write is the final state of one object in a set. Before holds the values that
// are stored now (nil for none), so that side tables can be cleared without a read.
type Write struct {
	Change Change
	Noun   *Definition // nil for guards
	Key    Key
	Record Record
	Before Values
	base   int64 // revision as counted by the unit, for a new object
}

// Claim is what a set does to one unique key in the end: it is taken (Owner = id)
// or given up (Owner = "").
type Claim struct {
	Key   string // noun, index and values
	Owner string
	Freed bool   // the set takes the key away from an object that had it
	Field string // what DUPLICATE names
}

// Set is the write set of one unit: what it read, what it claims, what it writes.
type Set struct {
	Reads    map[Key]int64 // revision read; 0: absent
	Writes   []*Write
	Claims   []Claim // each key once
	Adds     map[string]int64
	Entries  []*Entry
	Erase    []string // data subjects whose personal parts go
	Err      error    // the verdict: nil means committed
	accepted bool
	deps     []*Set        // sets whose writes the unit read before they were committed
	done     chan struct{} // closed when the verdict is final

	Rehearsal bool    // judged, but never accepted
	taken     []Claim // of a rehearsal: those that would be refused
}

// Batch is what the committer hands to an adapter: sets in order.
type Batch struct {
	Process string    // names the receipt
	Number  int64     // grows by one a batch; kept with the receipt
	Now     time.Time // the committer's clock; entries are stamped with it, or with the last entry's time if that is later
	Epoch   int64     // set by the adapter before Judge: greater than in any earlier batch of this store
	Sets    []*Set
}

// Entries counts the entries of all sets, judged or not.
func (b *Batch) Entries() (n int) {
	for _, s := range b.Sets {
		n += len(s.Entries)
	}
	return n
}

// Wants lists the objects whose revisions and the unique keys whose owners Judge
// has to know, each once.
func (b *Batch) Wants() (keys []Key, claims []string) {
	seenKey, seenClaim := map[Key]bool{}, map[string]bool{}
	for _, s := range b.Sets {
		for k := range s.Reads {
			if !seenKey[k] {
				seenKey[k] = true
				keys = append(keys, k)
			}
		}
		for _, w := range s.Writes {
			if w.Change == Bump && !seenKey[w.Key] {
				seenKey[w.Key] = true
				keys = append(keys, w.Key)
			}
		}
		for _, c := range s.Claims {
			if !seenClaim[c.Key] {
				seenClaim[c.Key] = true
				claims = append(claims, c.Key)
			}
		}
	}
	return keys, claims
}

// Judge decides each set in order against the revisions and owners in the
// engine's transaction and against the accepted sets before it, numbers the
// accepted entries from first on and stamps them. It returns how many entries
// were accepted. It may be called again when the engine repeats its transaction.
func (b *Batch) Judge(revisions map[Key]int64, owners map[string]string, first int64, at time.Time) int {
	revs, own := copyMap(revisions), copyMap(owners)
	n := int64(0)
	for _, s := range b.Sets {
		s.Err = s.verdict(revs, own)
		s.accepted = s.Err == nil
		if !s.accepted {
			continue
		}
		s.apply(revs, own, b.Epoch)
		for _, e := range s.Entries {
			e.Seq, e.At = first+n, at
			n++
		}
	}
	return int(n)
}

// Accepted lists the sets that Judge accepted.
func (b *Batch) Accepted() []*Set {
	out := make([]*Set, 0, len(b.Sets))
	for _, s := range b.Sets {
		if s.accepted {
			out = append(out, s)
		}
	}
	return out
}

func (s *Set) verdict(revs map[Key]int64, own map[string]string) error {
	s.taken = nil
	for _, d := range s.deps { // judged before this one, in this batch or an earlier
		if !d.accepted || d.Err != nil {
			return errStale
		}
	}
	for k, r := range s.Reads {
		if revs[k] != r {
			return errStale
		}
	}
	for _, c := range s.Claims {
		if o := own[c.Key]; c.Owner != "" && o != "" && o != c.Owner && !c.Freed {
			if s.Rehearsal {
				s.taken = append(s.taken, c)
				continue
			}
			return fault.New(fault.CodeDuplicate, fault.P("field", c.Field))
		}
	}
	if s.Rehearsal {
		return errRehearsed
	}
	return nil
}

// apply makes the set's writes the state that later sets are judged against. A new
// object's revisions start at the epoch: so an id that is deleted and inserted
// again never has a revision twice, and who read the old one is found stale.
func (s *Set) apply(revs map[Key]int64, own map[string]string, epoch int64) {
	for _, e := range s.Entries {
		if s.Reads[Key{e.Noun, e.ID}] == 0 {
			e.base = firstOf(e.base, e.Revision)
			e.Revision = e.base + epoch
		}
	}
	for _, w := range s.Writes {
		switch w.Change {
		case Put:
			if s.Reads[w.Key] == 0 {
				w.base = firstOf(w.base, w.Record.Revision)
				w.Record.Revision = w.base + epoch
			}
			revs[w.Key] = w.Record.Revision
		case Remove:
			revs[w.Key] = 0
		case Bump:
			revs[w.Key]++
			w.Record.Revision = revs[w.Key]
		}
	}
	for _, c := range s.Claims {
		own[c.Key] = c.Owner
	}
}

// firstOf keeps the number that the unit gave when a batch is judged again.
func firstOf(kept, given int64) int64 {
	if kept != 0 {
		return kept
	}
	return given
}

func copyMap[K comparable, V any](m map[K]V) map[K]V {
	c := make(map[K]V, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}
