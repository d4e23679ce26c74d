package place

import (
	"math"

	"github.com/golang/geo/s2"
)

// maxRanges bounds the branches of a query; more would fit the circle better
// and cost more walks of the index.
const maxRanges = 8

// Range is a run of cells: lo ≤ Cell() < hi.
type Range struct{ Lo, Hi int64 }

// Has reports whether the range holds a cell.
func (r Range) Has(cell int64) bool { return r.Lo <= cell && cell < r.Hi }

// Cover returns at most eight ascending, disjoint ranges that together hold
// the cell of every point within the metres of a valid center. They hold points
// further away too: check Distance. A negative radius or NaN gives none.
func Cover(center Point, metres float64) []Range {
	if !(metres >= 0) {
		return nil
	}
	// The margin covers the width of a leaf cell and the rounding of distances.
	reach := math.Min(metres*(1+1e-9)+0.05, math.Pi*EarthRadius)
	region := s2.CapFromCenterAngle(s2.PointFromLatLng(center.latLng()), angle(reach))
	coverer := s2.RegionCoverer{MinLevel: 0, MaxLevel: 30, LevelMod: 1, MaxCells: maxRanges}
	var ranges []Range
	for _, id := range coverer.Covering(region) {
		next := Range{Lo: key(id.RangeMin()), Hi: key(id.RangeMax()) + 1}
		// Leaf cells are odd numbers: neighbours on the curve lie one apart.
		if last := len(ranges) - 1; last >= 0 && ranges[last].Hi+1 >= next.Lo {
			ranges[last].Hi = next.Hi
			continue
		}
		ranges = append(ranges, next)
	}
	return ranges
}

// Without takes ranges out of ascending, disjoint ones. What is left ascends and is
// disjoint.
func Without(ranges, taken []Range) []Range {
	for _, t := range taken {
		var left []Range
		for _, r := range ranges {
			if before := (Range{r.Lo, min(r.Hi, t.Lo)}); before.Lo < before.Hi {
				left = append(left, before)
			}
			if behind := (Range{max(r.Lo, t.Hi), r.Hi}); behind.Lo < behind.Hi {
				left = append(left, behind)
			}
		}
		ranges = left
	}
	return ranges
}
