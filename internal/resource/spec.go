package resource

import (
	"math"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
	"github.com/fivesociety/linkage/internal/usecase"
)

// guard names what every write of an owner's resources bumps: a decision about all
// of them sees no other appear.
func guard(owner string) string { return store.GuardName("resource", owner) }

func spec() store.Spec[Resource] {
	own := func(name string, kind store.Kind, get func(r *Resource) any) store.Field[Resource] {
		return store.Field[Resource]{Name: name, Kind: kind, Mask: access.Limited, Get: get}
	}
	routed := func(name string, get func(r *Resource) any) store.Field[Resource] {
		f := own(name, store.Text, get)
		f.Route = true
		return f
	}
	s := store.Spec[Resource]{
		Name: "resource",
		Fields: access.Fields(func(r *Resource) *access.Header { return &r.Header },
			own("created", store.Int, func(r *Resource) any { return r.CreatedAt }),
			own("updated", store.Int, func(r *Resource) any { return r.UpdatedAt }),
			own("owner", store.Text, func(r *Resource) any { return r.Owner }),
			routed("kind", func(r *Resource) any { return r.Kind }),
			own("category", store.Text, func(r *Resource) any { return r.Category }),
			routed("area", func(r *Resource) any { return r.Area }),
			own("confirmed", store.Int, func(r *Resource) any { return r.confirmed() }),
			own("ends", store.Int, endsKey),
			own("cell", store.Int, func(r *Resource) any { return usecase.CellOf(r.Location) }),
			own("nameTerms", store.Terms, func(r *Resource) any { return text.NameTerms(r.Title) }),
			store.RetiredField[Resource](access.Blind),
		),
		Indexes: [][]string{{"nameTerms"}, {"kind", "cell"}, {"cell"}, {"retired"}},
		Queries: []store.Shape{{Where: []string{"nameTerms"}}, {Where: []string{"kind"}, Sort: "cell"}, {Sort: "cell"}, {Sort: "retired"}},
		Guards:  func(r *Resource) []string { return []string{guard(r.Owner)} },
	}
	// What could meet a need: all of it, and by where it lies.
	for _, at := range [][]string{{}, {"area"}, {"town"}, {"county"}, {"city"}} {
		way := append([]string{"category", "kind", "state"}, at...)
		s.Indexes = append(s.Indexes, append(way, "created"))
		s.Queries = append(s.Queries, store.Shape{Where: way, Sort: "created"})
	}
	for _, order := range []string{"created", "updated"} {
		for _, way := range [][]string{{}, {"owner"}, {"kind"}, {"category"}, {"state"}, {"parties"}, {"station"}, {"county"}, {"town"}} {
			s.Indexes = append(s.Indexes, append(append([]string{}, way...), order))
			s.Queries = append(s.Queries, store.Shape{Where: way, Sort: order})
		}
	}
	return s
}

// endsKey puts what does not end behind all that does.
func endsKey(r *Resource) any {
	if r.ends().IsZero() {
		return int64(math.MaxInt64)
	}
	return r.ends()
}
