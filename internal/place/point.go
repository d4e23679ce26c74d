package place

import (
	"errors"
	"math"

	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
)

// ErrOutOfRange says that coordinates are no place on earth.
var ErrOutOfRange = errors.New("latitude must be within ±90 and longitude within ±180 degrees")

// EarthRadius is the mean radius in metres that all distances use, in both
// stores alike.
const EarthRadius = 6371010.0

// coarseLevel is the finest S2 level whose cells are everywhere wider than a
// kilometre (at least 1.46 km, on average 2 km).
const coarseLevel = 12

// Point is a place in WGS-84 degrees.
type Point struct {
	Lat float64 `bson:"lat" json:"lat"`
	Lng float64 `bson:"lng" json:"lng"`
}

// New returns the point, or ErrOutOfRange for coordinates outside ±90 and ±180
// degrees and for values that are no numbers.
func New(lat, lng float64) (Point, error) {
	p := Point{Lat: lat, Lng: lng}
	if !p.Valid() {
		return Point{}, ErrOutOfRange
	}
	return p, nil
}

// Valid reports whether the point is a place on earth. NaN is not.
func (p Point) Valid() bool {
	return math.Abs(p.Lat) <= 90 && math.Abs(p.Lng) <= 180
}

// Cell returns the index key of a valid point: its S2 leaf cell (under 1 cm
// wide) as an integer whose order is the order along S2's curve. It is never
// 0, so 0 can stand for "no place known".
func (p Point) Cell() int64 {
	return key(s2.CellIDFromLatLng(p.latLng()))
}

// FromCell returns the centre of the leaf cell that Cell gave, at most 1 cm
// from the point that went in.
func FromCell(cell int64) Point {
	return center(s2.CellID(uint64(cell) ^ signBit))
}

// Coarse returns what a stranger may see of a valid point: the centre of its
// cell in a fixed grid that is everywhere wider than a kilometre. All points of
// a grid cell give the same centre.
func (p Point) Coarse() Point {
	return center(s2.CellIDFromLatLng(p.latLng()).Parent(coarseLevel))
}

// CoarseCell returns the key of the grid cell of Coarse: equal for two points
// exactly if their Coarse is equal.
func (p Point) CoarseCell() int64 {
	return key(s2.CellIDFromLatLng(p.latLng()).Parent(coarseLevel))
}

// Distance returns the metres between two valid points along a great circle.
func Distance(a, b Point) float64 {
	return a.latLng().Distance(b.latLng()).Radians() * EarthRadius
}

func (p Point) latLng() s2.LatLng {
	return s2.LatLngFromDegrees(p.Lat, p.Lng)
}

func center(id s2.CellID) Point {
	at := id.LatLng()
	return Point{Lat: at.Lat.Degrees(), Lng: at.Lng.Degrees()}
}

// signBit makes the signed order of keys the unsigned order of cells, so that a
// range of cells is a range of keys also where the curve crosses half way.
const signBit = 1 << 63

func key(id s2.CellID) int64 {
	return int64(uint64(id) ^ signBit)
}

func angle(metres float64) s1.Angle {
	return s1.Angle(metres / EarthRadius)
}
