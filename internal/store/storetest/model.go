package storetest

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/store"
)

// model is a store as plain Go: what every engine has to answer.
type model struct {
	things  map[string]Thing
	last    map[string]int64 // highest revision an id ever had
	deleted map[string]int64 // version at which a unit deleted an id
	log     []modelEntry
}

type modelEntry struct {
	kind, id, root string
	at             time.Time
	after          *Thing // nil: removed
	subjects       []string
	erased         map[string]bool
}

func newModel() *model {
	return &model{things: map[string]Thing{}, last: map[string]int64{}, deleted: map[string]int64{}}
}

// copy is the model as a unit sees it: changed freely, kept on success.
func (m *model) copy() *model {
	c := &model{things: maps.Clone(m.things), last: maps.Clone(m.last), deleted: map[string]int64{}, log: slices.Clone(m.log)}
	for i := range c.log {
		c.log[i].erased = maps.Clone(c.log[i].erased)
	}
	return c
}

// enter writes an entry; times are those of the commit.
func (m *model) enter(kind, id, root string, now time.Time, after *Thing) {
	e := modelEntry{kind: kind, id: id, root: root, at: now, erased: map[string]bool{}}
	if n := len(m.log); n > 0 && m.log[n-1].at.After(now) {
		e.at = m.log[n-1].at
	}
	if after != nil {
		kept := *after
		e.after = &kept
		for _, s := range []string{after.Subject, after.Ward} {
			if s != "" {
				e.subjects = append(e.subjects, s)
			}
		}
	}
	m.log = append(m.log, e)
}

// erase takes what the entries up to n say of a subject.
func (m *model) erase(subject string, n int) {
	for i := range m.log[:n] {
		m.log[i].erased[subject] = true
	}
}

// past is the state that an entry left, without what was erased. A part without a
// subject belongs to nobody: the log does not keep it.
func (e modelEntry) past() *Thing {
	if e.after == nil {
		return nil
	}
	x := *e.after
	if x.Subject == "" || e.erased[x.Subject] {
		x.Private = Private{}
	}
	if x.Ward == "" || e.erased[x.Ward] {
		x.WardNote = Private{}
	}
	return &x
}

// clash finds a unique value that two things hold.
func (m *model) clash() bool {
	seen := map[string]bool{}
	for _, x := range m.things {
		for _, key := range []string{"c" + x.Code, "b" + x.Station + "/" + x.Badge} {
			if key == "c" || strings.HasSuffix(key, "/") {
				continue
			}
			if seen[key] {
				return true
			}
			seen[key] = true
		}
	}
	return false
}

// holds evaluates a filter on a thing, on its own and not by the port's closure.
func holds(f store.Filter, x *Thing) bool {
	switch f.Op {
	case store.True:
		return true
	case store.False:
		return false
	case store.And:
		return !slices.ContainsFunc(f.Subs, func(s store.Filter) bool { return !holds(s, x) })
	case store.Or:
		return slices.ContainsFunc(f.Subs, func(s store.Filter) bool { return holds(s, x) })
	case store.Has:
		return slices.Contains(listOf(f.Field, x), f.Vals[0].(string))
	case store.Lacks:
		return !slices.Contains(listOf(f.Field, x), f.Vals[0].(string))
	case store.Prefix:
		return strings.HasPrefix(keyOf(f.Field, x).(string), f.Vals[0].(string))
	case store.Gte:
		return compareKeys(keyOf(f.Field, x), f.Vals[0]) >= 0
	case store.Lt:
		return compareKeys(keyOf(f.Field, x), f.Vals[0]) < 0
	case store.Eq, store.In:
	}
	return slices.Contains(f.Vals, keyOf(f.Field, x))
}

func listOf(field string, x *Thing) []string {
	if field == "words" {
		return x.Words
	}
	return x.Parties
}

func keyOf(field string, x *Thing) any {
	switch field {
	case "station":
		return x.Station
	case "state":
		return string(x.State)
	case "title":
		return x.Title
	case "rank":
		return x.Rank
	case "weight":
		return x.Weight
	case "due":
		return x.Due.UnixMilli()
	}
	return nil
}

func compareKeys(a, b any) int {
	switch x := a.(type) {
	case string:
		return strings.Compare(x, b.(string))
	case int64:
		return int(x - b.(int64))
	case float64:
		switch y := b.(float64); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
	}
	return 0
}

// find is the whole ordered answer of a query, without paging.
func (m *model) find(q store.Query) []*Thing {
	var out []*Thing
	for _, x := range m.things {
		if holds(q.Where, &x) {
			out = append(out, &x)
		}
	}
	slices.SortFunc(out, func(a, b *Thing) int {
		c := compareKeys(keyOf(q.Sort, a), keyOf(q.Sort, b))
		if q.Sort == "" || c == 0 {
			c = strings.Compare(a.ID, b.ID)
		}
		if q.Desc {
			return -c
		}
		return c
	})
	return out
}
