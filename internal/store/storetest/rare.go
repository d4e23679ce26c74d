package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/fivesociety/linkage/internal/store"
)

var rareCases = map[string]func(*testing.T, Engine){
	"several words walk the rarest": rareWords,
}

// counting notes by which element each walk of the words went.
type counting struct {
	store.Adapter
	walked []string
	counts int
}

func (c *counting) Find(ctx context.Context, s store.Scan) ([]store.Record, error) {
	for _, f := range s.Where {
		if f.Op == store.Has {
			c.walked = append(c.walked, f.Vals[0].(string))
			break
		}
	}
	return c.Adapter.Find(ctx, s)
}

func (c *counting) Counts(ctx context.Context, noun *store.Definition, field string, elements []string, limit, enough int) ([]int, error) {
	c.counts++
	return c.Adapter.Counts(ctx, noun, field, elements, limit, enough)
}

// rareWords holds 200 rows with 村 and 庄, of which two have 凤 as well: the walk goes
// by 凤, inside of views too, and the counts are kept.
func rareWords(t *testing.T, e Engine) {
	c := &counting{}
	b := openAt(t, e.Fresh(t), func(a store.Adapter) store.Adapter { c.Adapter = a; return c })
	var rows []*Thing
	for i := range 200 {
		rows = append(rows, thing(fmt.Sprintf("thg_%03d", i), func(x *Thing) {
			x.Words = []string{"村", "庄"}
			if i%100 == 7 {
				x.Words = append(x.Words, "凤")
			}
		}))
	}
	b.add(rows...)
	where := store.Both(store.Holds("words", "村"), store.Holds("words", "庄"), store.Holds("words", "凤"))
	find := func(ctx context.Context) {
		t.Helper()
		c.walked = nil
		page, err := b.things.Find(ctx, store.Query{Where: where})
		if err != nil || !slices.Equal(idsOf(page.Items), []string{"thg_007", "thg_107"}) || page.HasNext {
			t.Errorf("found %v, more %v: %v", idsOf(page.Items), page.HasNext, err)
		}
		if !slices.Equal(c.walked, []string{"凤"}) {
			t.Errorf("walked %v", c.walked)
		}
	}
	if err := b.View(b.ctx, func(ctx context.Context) error { find(ctx); return nil }); err != nil {
		t.Error(err)
	}
	counts := c.counts
	find(b.ctx)
	if counts != 1 || c.counts != counts {
		t.Errorf("%d questions for counts in the first search, %d more in the second", counts, c.counts-counts)
	}
	if where.Subs[0].Vals[0] != "村" {
		t.Error("the caller's filter was changed")
	}
}
