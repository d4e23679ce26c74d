package storetest

import (
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

var migrationCases = map[string]func(*testing.T, Engine){
	"a store opened again":                 openedAgain,
	"new fields and indexes over old rows": newFields,
	"an older shape is read":               olderShape,
	"a newer format is refused":            newerFormat,
}

func openedAgain(t *testing.T, e Engine) {
	place := e.Fresh(t)
	b := openAt(t, place, nil)
	b.add(thing("thg_a", coded("c")))
	code := b.Code()
	want(t, b.Close(), "")
	b = openAt(t, place, nil)
	if b.get("thg_a").Code != "c" || b.Code() != code || b.tally("thing") != 1 {
		t.Error("what was saved is not there")
	}
	wantDuplicate(t, b.insert(thing("thg_b", coded("c"))), "code")
	want(t, b.insert(thing("thg_c")), "")
	b.logIsDense(2)
}

// opened starts a store with another spec of things on a place.
func opened(t *testing.T, place Place, spec store.Spec[Thing]) (*store.DB, *store.Collection[Thing]) {
	t.Helper()
	db := store.New(place(), store.Options{Code: "zz"})
	things := store.Register(db, spec)
	if err := db.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { want(t, db.Close(), "") })
	return db, things
}

func newFields(t *testing.T, e Engine) {
	place := e.Fresh(t)
	b := openAt(t, place, nil)
	b.add(dozen()...)
	code := b.Code()
	want(t, b.Close(), "")

	spec := thingSpec()
	length := store.Field[Thing]{Name: "length", Kind: store.Int, Get: func(t *Thing) any { return len(t.Title) * int(t.Rank) }}
	spec.Fields = append([]store.Field[Thing]{length}, spec.Fields[1:]...) // one new, one gone
	spec.Indexes = [][]string{{"length"}, {"parties", "rank"}, {"state", "rank"}}
	spec.Queries = []store.Shape{{Sort: "length"}, {Where: []string{"parties"}, Sort: "rank"}, {Where: []string{"state"}, Sort: "rank"}}
	spec.Unique = [][]string{{"code"}}
	db, things := opened(t, place, spec)
	if db.Code() != code {
		t.Errorf("the store's code became %s", db.Code())
	}
	p, err := things.Find(t.Context(), store.Query{Sort: "length", Desc: true, Limit: 2})
	if err != nil || fmt.Sprint(idsOf(p.Items)) != "[thg_11 thg_10]" {
		t.Errorf("by the new field: %v %v", idsOf(p.Items), err)
	}
	p, err = things.Find(t.Context(), store.Query{Where: store.Holds("parties", "p2"), Sort: "rank"})
	if err != nil || fmt.Sprint(idsOf(p.Items)) != "[thg_02 thg_06 thg_10]" {
		t.Errorf("by an old one: %v %v", idsOf(p.Items), err)
	}
	AssertPlans(t, db)
	past, err := things.History(t.Context(), "thg_03", 0, false, 5)
	if err != nil || len(past) != 1 || past[0].After.Rank != 1 {
		t.Errorf("the log of before: %v %v", past, err)
	}
}

func olderShape(t *testing.T, e Engine) {
	place := e.Fresh(t)
	b := openAt(t, place, nil)
	b.add(thing("thg_a", func(x *Thing) { x.Title = "old" }))
	want(t, b.Close(), "")

	spec := thingSpec()
	spec.ShapeVersion = 2
	spec.Upcast = func(shape int32, body bson.Raw) (bson.Raw, error) {
		var d bson.D
		if err := bson.Unmarshal(body, &d); err != nil {
			return nil, err
		}
		for i := range d {
			if d[i].Key == "title" {
				d[i].Value = fmt.Sprintf("%v of shape %d", d[i].Value, shape)
			}
		}
		return bson.Marshal(d)
	}
	spec.Fields = append(spec.Fields, store.Field[Thing]{Name: "again", Kind: store.Text, Get: func(t *Thing) any { return t.Title }})
	spec.Indexes = append(spec.Indexes, []string{"again"})
	_, things := opened(t, place, spec)
	p, err := things.Find(t.Context(), store.Query{Where: store.Is("again", "old of shape 1")})
	if err != nil || len(p.Items) != 1 || p.Items[0].Title != "old of shape 1" {
		t.Errorf("rebuilt from the upcast body: %v %v", p.Items, err)
	}
	past, err := things.AsOf(t.Context(), "thg_a", 1)
	if err != nil || past.Title != "old of shape 1" {
		t.Errorf("an old entry: %+v %v", past, err)
	}
}

func newerFormat(t *testing.T, e Engine) {
	place := e.Fresh(t)
	newer := place()
	_, err := newer.Open(t.Context(), store.Setup{Code: "ts", Format: store.Format + 1})
	want(t, err, "")
	want(t, newer.Close(), "")
	db := store.New(place(), store.Options{})
	err = db.Start(t.Context())
	want(t, err, fault.CodeStoreNewer)
	want(t, db.Close(), "")
}
