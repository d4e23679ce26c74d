package store

import (
	"errors"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

// errStale marks a unit whose reads were overtaken; Tx runs it again.
var errStale = errors.New("store: what the unit read is stale")

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
}

// Claim is a unique key: taken (Owner = id) or freed (Owner = "").
type Claim struct {
	Key   string // noun, index and values
	Owner string
	Field string // what DUPLICATE names
}

// Set is the write set of one unit: what it read, what it claims, what it writes.
type Set struct {
	Reads    map[Key]int64 // revision read; 0: absent
	Writes   []*Write
	Claims   []Claim // frees first, then takes
	Adds     map[string]int64
	Entries  []*Entry
	Erase    []string // data subjects whose personal parts go
	Err      error    // the verdict: nil means committed
	accepted bool

	Rehearsal bool // judged, but never accepted
}

// Batch is what the committer hands to an adapter: sets in order.
type Batch struct {
	Process string // names the receipt
	Number  int64  // grows by one a batch; kept with the receipt
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
		s.apply(revs, own)
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
	for k, r := range s.Reads {
		if revs[k] != r {
			return errStale
		}
	}
	freed := map[string]bool{}
	for _, c := range s.Claims {
		if c.Owner == "" {
			freed[c.Key] = true
			continue
		}
		if o := own[c.Key]; o != "" && o != c.Owner && !freed[c.Key] {
			return fault.New(fault.CodeDuplicate, fault.P("field", c.Field))
		}
	}
	if s.Rehearsal {
		return errRehearsed
	}
	return nil
}

func (s *Set) apply(revs map[Key]int64, own map[string]string) {
	for _, w := range s.Writes {
		switch w.Change {
		case Put:
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

func copyMap[K comparable, V any](m map[K]V) map[K]V {
	c := make(map[K]V, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}
