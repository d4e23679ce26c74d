package store

import (
	"errors"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

func put(id string, revision int64) *Write {
	k := Key{"thing", id}
	return &Write{Change: Put, Key: k, Record: Record{ID: id, Revision: revision}}
}

func reads(pairs map[string]int64) map[Key]int64 {
	out := map[Key]int64{}
	for id, r := range pairs {
		out[Key{"thing", id}] = r
	}
	return out
}

func judge(b *Batch, present map[string]int64, owners map[string]string) int {
	b.Epoch = 100
	return b.Judge(reads(present), owners, 7, time.UnixMilli(5))
}

func TestCrossingReadsAndWritesInOneBatchAreRefused(t *testing.T) {
	one := &Set{Reads: reads(map[string]int64{"a": 1, "b": 1}), Writes: []*Write{put("a", 2)}, Entries: []*Entry{{Noun: "thing", ID: "a"}}}
	two := &Set{Reads: reads(map[string]int64{"a": 1, "b": 1}), Writes: []*Write{put("b", 2)}, Entries: []*Entry{{Noun: "thing", ID: "b"}}}
	b := &Batch{Sets: []*Set{one, two}}
	if n := judge(b, map[string]int64{"a": 1, "b": 1}, nil); n != 1 || one.Err != nil || !errors.Is(two.Err, errStale) {
		t.Errorf("accepted %d: %v, %v", n, one.Err, two.Err)
	}
}

func TestEntriesAreNumberedWithoutTheRefused(t *testing.T) {
	set := func(id string, seen int64) *Set {
		return &Set{Reads: reads(map[string]int64{id: seen}), Writes: []*Write{put(id, seen+1)}, Entries: []*Entry{{Noun: "thing", ID: id}, {Noun: "thing", ID: id}}}
	}
	b := &Batch{Sets: []*Set{set("a", 1), set("b", 9), set("c", 1)}}
	if n := judge(b, map[string]int64{"a": 1, "b": 1, "c": 1}, nil); n != 4 || len(b.Accepted()) != 2 {
		t.Fatalf("%d entries, %d sets", n, len(b.Accepted()))
	}
	if a, c := b.Sets[0].Entries, b.Sets[2].Entries; a[0].Seq != 7 || a[1].Seq != 8 || c[0].Seq != 9 || c[1].Seq != 10 || !c[1].At.Equal(time.UnixMilli(5)) {
		t.Errorf("numbered %d %d %d %d", a[0].Seq, a[1].Seq, c[0].Seq, c[1].Seq)
	}
}

func TestANewObjectsRevisionStartsAtTheEpochHoweverOftenJudged(t *testing.T) {
	s := &Set{Reads: reads(map[string]int64{"a": 0}), Writes: []*Write{put("a", 2)}, Entries: []*Entry{{Noun: "thing", ID: "a", Revision: 1}, {Noun: "thing", ID: "a", Revision: 2}}}
	b := &Batch{Sets: []*Set{s}}
	for range 2 {
		judge(b, nil, nil)
		if s.Writes[0].Record.Revision != 102 || s.Entries[0].Revision != 101 || s.Entries[1].Revision != 102 {
			t.Fatalf("revisions %d, %d, %d", s.Writes[0].Record.Revision, s.Entries[0].Revision, s.Entries[1].Revision)
		}
	}
}

func TestUniqueKeysWithinABatch(t *testing.T) {
	take := func(owner string, freed bool) *Set {
		return &Set{Claims: []Claim{{Key: "k", Owner: owner, Freed: freed, Field: "code"}}}
	}
	free := &Set{Claims: []Claim{{Key: "k"}}}
	for name, c := range map[string]struct {
		owner string
		sets  []*Set
		want  []bool
	}{
		"first come":          {"", []*Set{take("a", false), take("b", false)}, []bool{true, false}},
		"taken already":       {"z", []*Set{take("a", false)}, []bool{false}},
		"one's own again":     {"a", []*Set{take("a", false)}, []bool{true}},
		"freed before":        {"z", []*Set{free, take("a", false)}, []bool{true, true}},
		"handed over at once": {"z", []*Set{take("a", true)}, []bool{true}},
	} {
		owners := map[string]string{}
		if c.owner != "" {
			owners["k"] = c.owner
		}
		judge(&Batch{Sets: c.sets}, nil, owners)
		for i, s := range c.sets {
			if (s.Err == nil) != c.want[i] || s.Err != nil && fault.CodeOf(s.Err) != fault.CodeDuplicate {
				t.Errorf("%s: set %d: %v", name, i, s.Err)
			}
		}
	}
}

func TestABumpedGuardRefusesWhoReadItBefore(t *testing.T) {
	g := Key{guardNoun, "room"}
	book := func() *Set {
		return &Set{Reads: map[Key]int64{g: 3}, Writes: []*Write{{Change: Bump, Key: g, Record: Record{ID: "room"}}}}
	}
	blind := &Set{Writes: []*Write{{Change: Bump, Key: g, Record: Record{ID: "room"}}}}
	b := &Batch{Sets: []*Set{book(), book(), blind}}
	b.Judge(map[Key]int64{g: 3}, nil, 1, time.Time{})
	if b.Sets[0].Err != nil || !errors.Is(b.Sets[1].Err, errStale) || b.Sets[2].Err != nil {
		t.Errorf("verdicts %v, %v, %v", b.Sets[0].Err, b.Sets[1].Err, b.Sets[2].Err)
	}
	if blind.Writes[0].Record.Revision != 5 {
		t.Errorf("guard at %d after two bumps of 3", blind.Writes[0].Record.Revision)
	}
}

func TestWantsNamesEachOnce(t *testing.T) {
	s := &Set{Reads: reads(map[string]int64{"a": 1}), Claims: []Claim{{Key: "k"}, {Key: "k"}}, Writes: []*Write{{Change: Bump, Key: Key{guardNoun, "g"}}}}
	keys, claims := (&Batch{Sets: []*Set{s, s}}).Wants()
	if len(keys) != 2 || len(claims) != 1 {
		t.Errorf("wants %v, %v", keys, claims)
	}
}

func TestAFollowerFallsWithItsSetThoughTheRevisionFits(t *testing.T) {
	first := &Set{Reads: reads(map[string]int64{"a": 1}), Writes: []*Write{put("a", 2)}}
	second := &Set{Reads: reads(map[string]int64{"a": 2}), Writes: []*Write{put("a", 3)}, deps: []*Set{first}}
	// Another process has made revision 2 meanwhile: not the one that second read.
	judge(&Batch{Sets: []*Set{first, second}}, map[string]int64{"a": 2}, nil)
	if !errors.Is(first.Err, errStale) || !errors.Is(second.Err, errStale) {
		t.Errorf("verdicts %v, %v", first.Err, second.Err)
	}
	judge(&Batch{Sets: []*Set{first, second}}, map[string]int64{"a": 1}, nil)
	if first.Err != nil || second.Err != nil {
		t.Errorf("a chain in one batch: %v, %v", first.Err, second.Err)
	}
}
