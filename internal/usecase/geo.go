package usecase

import (
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/place"
)

// Datum says what the numbers of a place mean.
type Datum string

// The datums. GCJ-02 is what Chinese public maps show.
const (
	WGS84 Datum = "WGS84"
	GCJ02 Datum = "GCJ02"
)

// GeoPoint is a place as input has it.
type GeoPoint struct {
	Latitude, Longitude float64
	Datum               Datum // "" is WGS-84
}

// Point is the place in the platform's own datum; nil of nil, OUT_OF_RANGE at the
// path for numbers that are no place on earth.
func (g *GeoPoint) Point(path ...string) (*place.Point, error) {
	if g == nil {
		return nil, nil
	}
	p, err := place.New(g.Latitude, g.Longitude)
	if err != nil {
		return nil, fault.New(fault.CodeOutOfRange, fault.At(path...), fault.P("min", "-90, -180"), fault.P("max", "90, 180"))
	}
	if g.Datum == GCJ02 {
		p = place.GCJ02ToWGS84(p)
	}
	return &p, nil
}
