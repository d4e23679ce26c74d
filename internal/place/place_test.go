package place

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// tangshan is a point in the middle of the city.
var tangshan = Point{Lat: 39.630867, Lng: 118.180193}

func anywhere() *rapid.Generator[Point] {
	return rapid.Custom(func(t *rapid.T) Point {
		return Point{
			Lat: rapid.Float64Range(-90, 90).Draw(t, "lat"),
			Lng: rapid.Float64Range(-180, 180).Draw(t, "lng"),
		}
	})
}

func near(center Point, degrees float64) *rapid.Generator[Point] {
	return rapid.Custom(func(t *rapid.T) Point {
		return Point{
			Lat: center.Lat + rapid.Float64Range(-degrees, degrees).Draw(t, "dLat"),
			Lng: center.Lng + rapid.Float64Range(-degrees, degrees).Draw(t, "dLng"),
		}
	})
}

func TestNewRefusesWhatIsNoPlace(t *testing.T) {
	t.Parallel()
	cases := []struct {
		lat, lng float64
		ok       bool
	}{
		{39.6, 118.2, true},
		{90, 180, true},
		{-90, -180, true},
		{118.2, 39.6, false}, // the usual swap of latitude and longitude
		{0, 180.0001, false},
		{math.NaN(), 0, false},
		{0, math.NaN(), false},
		{math.Inf(1), 0, false},
	}
	for _, c := range cases {
		p, err := New(c.lat, c.lng)
		if (err == nil) != c.ok || (err != nil && !errors.Is(err, ErrOutOfRange)) {
			t.Errorf("New(%v, %v) = %v, %v", c.lat, c.lng, p, err)
		}
	}
}

func TestDistanceOfKnownPlaces(t *testing.T) {
	t.Parallel()
	cases := []struct {
		a, b   Point
		metres float64
	}{
		{tangshan, tangshan, 0},
		{Point{0, 0}, Point{1, 0}, 111195},
		{Point{39.9, 116.4}, Point{31.23, 121.47}, 1067311}, // 北京, 上海
		{Point{0, 0}, Point{0, 180}, math.Pi * EarthRadius},
	}
	for _, c := range cases {
		if got := Distance(c.a, c.b); math.Abs(got-c.metres) > 1+c.metres*1e-3 {
			t.Errorf("Distance(%v, %v) = %.0f, want %.0f", c.a, c.b, got, c.metres)
		}
	}
}

func TestCellKeepsThePointWithinACentimetre(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anywhere().Draw(t, "point")
		cell := p.Cell()
		if cell == 0 {
			t.Fatal("0 means no place")
		}
		back := FromCell(cell)
		if d := Distance(p, back); d > 0.01 || back.Cell() != cell {
			t.Fatalf("%v came back as %v, %.4f m away", p, back, d)
		}
	})
}

func TestCoarseHidesThePointInAGridWiderThanAKilometre(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anywhere().Draw(t, "point")
		coarse := p.Coarse()
		if d := Distance(p, coarse); d > 2600 {
			t.Fatalf("%v lies %.0f m from the centre %v", p, d, coarse)
		}
		// A grid cell everywhere wider than 1 km holds the circle of 500 m.
		for _, step := range []Point{{0.004, 0}, {-0.004, 0}} {
			q := Point{Lat: coarse.Lat + step.Lat, Lng: coarse.Lng}
			if q.Valid() && (q.Coarse() != coarse || q.CoarseCell() != p.CoarseCell()) {
				t.Fatalf("%v is not in the cell around %v", q, coarse)
			}
		}
	})
}

func TestCoarseIsEqualExactlyWithinOneCell(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := near(tangshan, 0.03).Draw(t, "a"), near(tangshan, 0.03).Draw(t, "b")
		if (a.Coarse() == b.Coarse()) != (a.CoarseCell() == b.CoarseCell()) {
			t.Fatalf("%v and %v", a, b)
		}
	})
}

func TestCoverHoldsEveryPointWithinTheRadius(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		center := anywhere().Draw(t, "center")
		metres := rapid.SampledFrom([]float64{0, 1, 50, 1000, 20000, 3e6, 2.1e7}).Draw(t, "metres")
		ranges := Cover(center, metres)
		if len(ranges) == 0 || len(ranges) > 8 {
			t.Fatalf("%d ranges", len(ranges))
		}
		for i, r := range ranges {
			if r.Lo >= r.Hi || i > 0 && ranges[i-1].Hi > r.Lo {
				t.Fatalf("ranges %v do not ascend", ranges)
			}
		}
		p := near(center, metres/100000).Draw(t, "point")
		if !p.Valid() || Distance(center, p) > metres {
			return
		}
		if !slices.ContainsFunc(ranges, func(r Range) bool { return r.Has(p.Cell()) }) {
			t.Fatalf("%v, %.1f m from %v, is in no range", p, Distance(center, p), center)
		}
	})
}

func TestCoverIsNotMuchLargerThanTheCircle(t *testing.T) {
	t.Parallel()
	far := Point{Lat: tangshan.Lat + 0.2, Lng: tangshan.Lng}
	for _, r := range Cover(tangshan, 3000) {
		if r.Has(far.Cell()) {
			t.Errorf("a point %.0f m away is in the cover of 3 km", Distance(far, tangshan))
		}
	}
}

func TestCoverOfNoCircleIsEmpty(t *testing.T) {
	t.Parallel()
	if got := append(Cover(tangshan, -1), Cover(tangshan, math.NaN())...); got != nil {
		t.Errorf("got %v", got)
	}
}

// vectors were computed with gcoord 1.0.7 (npm, MIT).
var vectors = []struct{ wgs, gcj Point }{
	{Point{39.630867, 118.180193}, Point{39.632174943692, 118.186471077330}},
	{Point{39.273528, 118.459429}, Point{39.274743259785, 118.465598305809}},
	{Point{39.906217, 116.3912757}, Point{39.907618208507, 116.397516705346}},
	{Point{31.2304, 121.4737}, Point{31.228457737577, 121.478223059277}},
	{Point{43.8256, 87.6168}, Point{43.826805393111, 87.619649949469}},
	{Point{20.03, 110.33}, Point{20.027952291738, 110.334368110513}},
	{Point{46.65, 131.15}, Point{46.652243968589, 131.158129341355}},
	{Point{35.6586, 139.7454}, Point{35.6586, 139.7454}}, // Tokyo: not shifted
	{Point{-33.86, 151.2}, Point{-33.86, 151.2}},
}

func TestGCJ02Vectors(t *testing.T) {
	t.Parallel()
	same := func(a, b Point) bool {
		return math.Abs(a.Lat-b.Lat) < 1e-9 && math.Abs(a.Lng-b.Lng) < 1e-9
	}
	for _, v := range vectors {
		if got := WGS84ToGCJ02(v.wgs); !same(got, v.gcj) {
			t.Errorf("%v became %v, want %v", v.wgs, got, v.gcj)
		}
		if got := GCJ02ToWGS84(v.gcj); !same(got, v.wgs) {
			t.Errorf("%v came back as %v, want %v", v.gcj, got, v.wgs)
		}
	}
}

func TestGCJ02RoundTripStaysWithinAMillimetre(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := Point{
			Lat: rapid.Float64Range(0.9, 55.8).Draw(t, "lat"),
			Lng: rapid.Float64Range(72.1, 137.8).Draw(t, "lng"),
		}
		if !InChina(p) || !InChina(WGS84ToGCJ02(p)) {
			return
		}
		if d := Distance(p, GCJ02ToWGS84(WGS84ToGCJ02(p))); d > 0.001 {
			t.Fatalf("%v came back %.6f m away", p, d)
		}
	})
}

func FuzzCell(f *testing.F) {
	f.Add(39.63, 118.18, 500.0)
	f.Add(math.NaN(), math.Inf(1), math.NaN())
	f.Add(90.0, -180.0, 1e9)
	f.Fuzz(func(t *testing.T, lat, lng, metres float64) {
		p, err := New(lat, lng)
		if err != nil {
			return
		}
		if !FromCell(p.Cell()).Valid() || !p.Coarse().Valid() || len(Cover(p, metres)) > 8 {
			t.Errorf("%v with %v m", p, metres)
		}
	})
}

func BenchmarkCoverOf3km(b *testing.B) {
	for b.Loop() {
		Cover(tangshan, 3000)
	}
}
