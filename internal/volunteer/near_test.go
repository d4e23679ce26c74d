package volunteer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// centre is a point in the middle of the city.
var centre = place.Point{Lat: 39.630867, Lng: 118.180193}

func near(p place.Point, metres int) *usecase.Near {
	return &usecase.Near{Point: usecase.GeoPoint{Latitude: p.Lat, Longitude: p.Lng}, WithinMetres: metres}
}

func at(p place.Point) func(*volunteer.Register) {
	return func(in *volunteer.Register) {
		in.Number, in.Location = nil, &usecase.GeoPoint{Latitude: p.Lat, Longitude: p.Lng}
	}
}

// someone is a volunteer with a place, of whom only every third drives.
type someone struct {
	id     string
	at     place.Point
	drives bool
}

// crowd spreads volunteers over some kilometres, some of them at one spot, and one
// without a place.
func (w *world) crowd(t *testing.T, n int) []someone {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 7))
	var all []someone
	for i := range n {
		p := place.Point{Lat: centre.Lat + (rng.Float64()-0.5)*0.08, Lng: centre.Lng + (rng.Float64()-0.5)*0.08}
		if i%10 == 0 {
			p = centre
		}
		drives := i%3 == 0
		id := w.add(t, at(p), func(in *volunteer.Register) {
			in.Skills = []string{"COOKING"}
			if drives {
				in.Skills = []string{"DRIVING"}
			}
		})
		all = append(all, someone{id, p, drives})
	}
	w.add(t, func(in *volunteer.Register) { in.Number = nil })
	return all
}

// leaf pages through a list and gives ids and distances.
func (w *world) leaf(t *testing.T, a access.Actor, f volunteer.Filter, first int) (ids []string, metres []int) {
	t.Helper()
	var after *string
	for {
		page, err := w.List(ctx, a, f, usecase.Paging{First: &first, After: after})
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range page.Rows {
			ids, metres = append(ids, v.ID), append(metres, page.Metres[i])
		}
		if after = page.End; !page.HasNext {
			return ids, metres
		}
	}
}

// byForce is what a reader should get who knows each place by the function.
func byForce(all []someone, from place.Point, within float64, known func(place.Point) place.Point) (ids []string) {
	all = slices.Clone(all)
	d := func(s someone) float64 { return place.Distance(from, known(s.at)) }
	slices.SortFunc(all, func(a, b someone) int {
		if x := d(a) - d(b); x != 0 {
			return int(math.Copysign(1, x))
		}
		return strings.Compare(a.id, b.id)
	})
	for _, s := range all {
		if d(s) <= within {
			ids = append(ids, s.id)
		}
	}
	return ids
}

func TestNearestAreThoseOfBruteForce(t *testing.T) {
	t.Parallel()
	w := open(t)
	all := w.crowd(t, 120)
	drivers := slices.DeleteFunc(slices.Clone(all), func(s someone) bool { return !s.drives })
	same := func(p place.Point) place.Point { return p }
	for i, from := range []place.Point{centre, {Lat: 39.60, Lng: 118.20}, {Lat: 39.70, Lng: 118.10}} {
		for _, within := range []int{1, 900, 5000, 50_000} {
			got, _ := w.leaf(t, w.Coordinator(), volunteer.Filter{Near: near(from, within)}, 7)
			if want := byForce(all, from, float64(within), same); !slices.Equal(got, want) {
				t.Errorf("from %d within %d m: %d rows, want %d", i, within, len(got), len(want))
			}
			got, _ = w.leaf(t, w.Coordinator(), volunteer.Filter{Near: near(from, within), Skill: ptr("DRIVING")}, 100)
			if want := byForce(drivers, from, float64(within), same); !slices.Equal(got, want) {
				t.Errorf("drivers from %d within %d m: %d rows, want %d", i, within, len(got), len(want))
			}
			got, _ = w.leaf(t, neighbour(w.World), volunteer.Filter{Near: near(from, within)}, 7)
			if want := byForce(all, from, float64(within), place.Point.Coarse); !slices.Equal(got, want) {
				t.Errorf("a neighbour from %d within %d m: %d rows, want %d", i, within, len(got), len(want))
			}
		}
	}
}

// TestNoQuestionsFindMoreThanTheCell moves a volunteer within their cell and asks as a
// neighbour from many points, with circles of many sizes: no answer changes.
func TestNoQuestionsFindMoreThanTheCell(t *testing.T) {
	t.Parallel()
	w := open(t)
	coarse := centre.Coarse()
	id := w.add(t, at(centre))
	ask := func(a access.Actor) (answers []string) {
		for i := range 24 {
			angle := float64(i) * math.Pi / 12
			from := place.Point{Lat: coarse.Lat + 0.015*math.Sin(angle), Lng: coarse.Lng + 0.02*math.Cos(angle)}
			for _, within := range []int{500, 1200, 1700, 2500, 10_000} {
				ids, metres := w.leaf(t, a, volunteer.Filter{Near: near(from, within)}, 5)
				answers = append(answers, fmt.Sprint(ids, metres))
			}
		}
		return answers
	}
	before, exact := ask(neighbour(w.World)), ask(w.Coordinator())
	version := int64(1)
	for _, move := range []place.Point{{Lat: 0.002, Lng: 0.003}, {Lat: -0.003, Lng: -0.002}} {
		to := place.Point{Lat: coarse.Lat + move.Lat, Lng: coarse.Lng + move.Lng}
		if to.CoarseCell() != centre.CoarseCell() {
			t.Fatal("the test moves out of the cell")
		}
		_, _, err := w.Change(ctx, w.System(), volunteer.Change{VolunteerID: id, Location: &usecase.GeoPoint{Latitude: to.Lat, Longitude: to.Lng}, ExpectedVersion: version})
		testkit.WantCode(t, err, "")
		version++
		if got := ask(neighbour(w.World)); !slices.Equal(got, before) {
			t.Error("a neighbour sees the move within the cell")
		}
		if got := ask(w.Coordinator()); slices.Equal(got, exact) {
			t.Error("the coordinator does not see the move")
		}
	}
}

func TestNearRefusesWhatItCannotAnswer(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.crowd(t, 3)
	list := func(f *usecase.Near, p usecase.Paging) error {
		_, err := w.List(ctx, w.Coordinator(), volunteer.Filter{Near: f}, p)
		return err
	}
	testkit.WantCode(t, list(near(place.Point{Lat: 91}, 100), usecase.Paging{}), fault.CodeOutOfRange)
	testkit.WantCode(t, list(near(centre, 0), usecase.Paging{}), fault.CodeOutOfRange)
	testkit.WantCode(t, list(near(centre, 50_001), usecase.Paging{}), fault.CodeOutOfRange)
	testkit.WantCode(t, list(near(centre, 100), usecase.Paging{Last: ptr(3)}), fault.CodeFilterUnsupported)
	page, err := w.List(ctx, w.Coordinator(), volunteer.Filter{Near: near(centre, 9000)}, usecase.Paging{First: ptr(1)})
	testkit.WantCode(t, err, "")
	elsewhere := near(place.Point{Lat: 39.7, Lng: 118.1}, 9000)
	testkit.WantCode(t, list(elsewhere, usecase.Paging{After: page.End}), fault.CodeCursorInvalid)
	plain, err := w.List(ctx, w.Coordinator(), volunteer.Filter{}, usecase.Paging{First: ptr(1)})
	testkit.WantCode(t, err, "")
	testkit.WantCode(t, list(near(centre, 9000), usecase.Paging{After: plain.End}), fault.CodeCursorInvalid)
}
