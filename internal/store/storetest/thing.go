package storetest

import (
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/store"
)

// State is a named text, as nouns have them.
type State string

// Thing is the suite's noun: one field of each kind, and one of each way to keep
// something up (unique keys, counters, guards, personal parts).
type Thing struct {
	store.Head `bson:",inline"`
	Station    string    `bson:"station"`
	State      State     `bson:"state"`
	Title      string    `bson:"title"`
	Code       string    `bson:"code"`
	Badge      string    `bson:"badge"`
	Rank       int64     `bson:"rank"`
	Weight     float64   `bson:"weight"`
	Due        time.Time `bson:"due"`
	Urgent     bool      `bson:"urgent"`
	Parties    []string  `bson:"parties"`
	Words      []string  `bson:"words"`
	Subject    string    `bson:"subject"`
	Ward       string    `bson:"ward"`
	Private    Private   `bson:"private"`
	WardNote   Private   `bson:"wardNote"`
}

// Private is what an erasure takes.
type Private struct {
	Name  string   `bson:"name"`
	Phone []string `bson:"phone"`
}

func thingSpec() store.Spec[Thing] {
	return store.Spec[Thing]{
		Name:     "thing",
		Fields:   thingFields(),
		Indexes:  thingIndexes(),
		Queries:  thingShapes(),
		Unique:   [][]string{{"code"}, {"station", "badge"}},
		Counters: func(t *Thing) []string { return []string{"thing", "thing:" + t.Station} },
		Guards:   func(t *Thing) []string { return []string{store.GuardName("thing", t.Station)} },
		Personal: func(t *Thing) []store.Personal {
			return []store.Personal{{Subject: t.Subject, Fields: []string{"private"}}, {Subject: t.Ward, Fields: []string{"wardNote"}}}
		},
	}
}

func thingFields() []store.Field[Thing] {
	return []store.Field[Thing]{
		{Name: "station", Kind: store.Text, Route: true, Get: func(t *Thing) any { return t.Station }},
		{Name: "state", Kind: store.Text, Route: true, Get: func(t *Thing) any { return t.State }},
		{Name: "title", Kind: store.Text, Get: func(t *Thing) any { return t.Title }},
		{Name: "code", Kind: store.Text, Get: func(t *Thing) any { return t.Code }},
		{Name: "badge", Kind: store.Text, Get: func(t *Thing) any { return t.Badge }},
		{Name: "rank", Kind: store.Int, Route: true, Get: func(t *Thing) any { return t.Rank }},
		{Name: "weight", Kind: store.Real, Get: func(t *Thing) any { return t.Weight }},
		{Name: "due", Kind: store.Int, Route: true, Get: func(t *Thing) any { return t.Due }},
		{Name: "urgent", Kind: store.Int, Get: func(t *Thing) any { return t.Urgent }},
		{Name: "parties", Kind: store.Texts, Route: true, Get: func(t *Thing) any { return t.Parties }},
		{Name: "words", Kind: store.Terms, Get: func(t *Thing) any { return t.Words }},
	}
}

func thingIndexes() [][]string {
	return [][]string{
		{"rank"},
		{"weight"},
		{"title"},
		{"station"},
		{"words"},
		{"station", "rank"},
		{"station", "due"},
		{"station", "state", "rank"},
		{"parties", "rank"},
		{"station", "parties", "rank"},
	}
}

func thingShapes() []store.Shape {
	return []store.Shape{
		{},
		{Sort: "rank"},
		{Sort: "weight"},
		{Sort: "title"},
		{Where: []string{"station"}},
		{Where: []string{"words"}},
		{Where: []string{"station"}, Sort: "rank"},
		{Where: []string{"station"}, Sort: "due"},
		{Where: []string{"station", "state"}, Sort: "rank"},
		{Where: []string{"parties"}, Sort: "rank"},
		{Where: []string{"station", "parties"}, Sort: "rank"},
	}
}

// thing makes one with an id and defaults.
func thing(id string, how ...func(*Thing)) *Thing {
	t := &Thing{Station: "sta_a", State: "OPEN"}
	t.ID = id
	for _, h := range how {
		h(t)
	}
	return t
}

func ranked(n int64) func(*Thing)      { return func(t *Thing) { t.Rank = n } }
func coded(code string) func(*Thing)   { return func(t *Thing) { t.Code = code } }
func station(name string) func(*Thing) { return func(t *Thing) { t.Station = name } }
func party(names ...string) func(*Thing) {
	return func(t *Thing) { t.Parties = names }
}

// canonical is a value as canonical extended JSON, for comparing.
func canonical(v any) string {
	raw, err := bson.MarshalExtJSON(bson.D{{Key: "v", Value: v}}, true, false)
	if err != nil {
		return "not to be encoded: " + err.Error()
	}
	return string(raw)
}

func idsOf(list []*Thing) []string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.ID
	}
	return out
}

func sorted(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return out
}
