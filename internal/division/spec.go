package division

import (
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
)

// The kept counters: of all divisions and of each one's children, without those whose
// end is known.
const counter = "division"

func spec() store.Spec[Division] {
	return store.Spec[Division]{
		Name: "division",
		Fields: append(PlaceFields(func(d *Division) string { return d.Code }),
			store.Field[Division]{Name: "level", Kind: store.Text, Get: func(d *Division) any { return LevelOf(d.Code) }},
			store.Field[Division]{Name: "parent", Kind: store.Text, Get: func(d *Division) any { return ID(Parent(d.Code)) }},
			store.Field[Division]{Name: "next", Kind: store.Texts, Get: func(d *Division) any { return d.Successors }},
			store.Field[Division]{Name: "nameTerms", Kind: store.Terms, Get: func(d *Division) any { return text.NameTerms(d.Name) }},
		),
		// Search terms come first: of two indexes that serve, they are the narrower.
		Indexes: [][]string{
			{"nameTerms"}, {"parent"}, {"next"}, {"town"}, {"county"}, {"county", "level"}, {"city", "level"}, {"province", "level"}, {"level"},
		},
		Queries: []store.Shape{
			{},
			{Where: []string{"nameTerms"}},
			{Where: []string{"parent"}},
			{Where: []string{"next"}},
			{Where: []string{"level"}},
			{Where: []string{"county"}},
			{Where: []string{"town"}},
			{Where: []string{"province", "level"}},
			{Where: []string{"city", "level"}},
			{Where: []string{"county", "level"}},
		},
		Counters: func(d *Division) []string {
			up := ID(Parent(d.Code))
			switch {
			case d.ValidTo != "":
				return nil
			case up == "":
				return []string{counter}
			}
			return []string{counter, counter + ":" + up}
		},
	}
}

// PlaceFields declares the five levels of a place as fields of their own, named
// province, city, county, town and community, for nouns without an access header.
// code gives a row's division code; levels below it are "". Live feeds narrow by them.
func PlaceFields[T any](code func(*T) string) []store.Field[T] {
	level := func(name string, of func(string) string) store.Field[T] {
		return store.Field[T]{Name: name, Kind: store.Text, Route: true, Get: func(t *T) any { return of(code(t)) }}
	}
	return []store.Field[T]{
		level("province", func(c string) string { p, _, _, _, _ := Levels(c); return p }),
		level("city", func(c string) string { _, p, _, _, _ := Levels(c); return p }),
		level("county", func(c string) string { _, _, p, _, _ := Levels(c); return p }),
		level("town", func(c string) string { _, _, _, p, _ := Levels(c); return p }),
		level("community", func(c string) string { _, _, _, _, p := Levels(c); return p }),
	}
}

// Inside is the condition that a row with place fields lies in a division, itself
// included: equality on the division's own level. No code is inside "".
func Inside(code string) store.Filter {
	short := Short(code)
	switch levelOfShort(short) {
	case LevelProvince:
		return store.Is("province", short)
	case LevelCity:
		return store.Is("city", short)
	case LevelCounty:
		return store.Is("county", short)
	case LevelTown:
		return store.Is("town", short)
	case LevelCommunity:
		return store.Is("community", short)
	}
	return store.None()
}

// maxInside bounds the divisions that one list or feed is narrowed to.
const maxInside = 20

// InsideAny is Inside for the optional ids of an input: everything when there are none,
// TOO_MANY beyond 20, ID_INVALID for what is no division id.
func InsideAny(ids []string, path string) (store.Filter, error) {
	if len(ids) > maxInside {
		return store.None(), fault.New(fault.CodeTooMany, fault.At(path), fault.P("max", maxInside))
	}
	any := make([]store.Filter, len(ids))
	for i := range ids {
		var err error
		if any[i], err = InsideID(&ids[i], path); err != nil {
			return store.None(), err
		}
	}
	if len(any) == 0 {
		return store.All(), nil
	}
	return store.Either(any...), nil
}

// InsideID is Inside for an optional id of an input: everything when it was left
// out, ID_INVALID for what is no division id.
func InsideID(id *string, path ...string) (store.Filter, error) {
	if id == nil {
		return store.All(), nil
	}
	if CodeOf(*id) == "" {
		return store.None(), badID(path)
	}
	return Inside(CodeOf(*id)), nil
}
