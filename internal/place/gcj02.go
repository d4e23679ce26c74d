package place

import "math"

// GCJ-02 shifts WGS-84 by up to some 700 m with a fixed function on the
// Krasovsky 1940 ellipsoid. The function was never published by its owner; this
// is the one that map services and open converters agree on.
const (
	krasovskyAxis         = 6378245.0
	krasovskyEccentricity = 0.00669342162296594323 // squared
)

// InChina reports whether a point lies in the rectangle in which GCJ-02 shifts
// coordinates. It reaches over the borders: it is no statement about them.
func InChina(p Point) bool {
	return p.Lng >= 72.004 && p.Lng <= 137.8347 && p.Lat >= 0.8293 && p.Lat <= 55.8271
}

// WGS84ToGCJ02 returns where a map of the country shows a WGS-84 point.
// Outside of the rectangle of InChina nothing changes.
func WGS84ToGCJ02(p Point) Point {
	if !InChina(p) {
		return p
	}
	dLat, dLng := shift(p)
	return Point{Lat: p.Lat + dLat, Lng: p.Lng + dLng}
}

// GCJ02ToWGS84 returns the WGS-84 point that a map of the country shows at p,
// to a millimetre. Outside of the rectangle of InChina nothing changes.
func GCJ02ToWGS84(p Point) Point {
	if !InChina(p) {
		return p
	}
	// The shift varies slowly, so taking it off again and again converges:
	// a step wins about three digits.
	guess := p
	for range 10 {
		dLat, dLng := shift(guess)
		next := Point{Lat: p.Lat - dLat, Lng: p.Lng - dLng}
		done := math.Abs(next.Lat-guess.Lat) < 1e-11 && math.Abs(next.Lng-guess.Lng) < 1e-11
		guess = next
		if done {
			break
		}
	}
	return guess
}

// shift returns the degrees that GCJ-02 adds at a WGS-84 point.
func shift(p Point) (dLat, dLng float64) {
	x, y := p.Lng-105, p.Lat-35
	root := math.Sqrt(math.Abs(x))
	short := (20*sinPi(6*x) + 20*sinPi(2*x)) * 2 / 3
	dLat = -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*root + short +
		(20*sinPi(y)+40*sinPi(y/3))*2/3 + (160*sinPi(y/12)+320*sinPi(y/30))*2/3
	dLng = 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*root + short +
		(20*sinPi(x)+40*sinPi(x/3))*2/3 + (150*sinPi(x/12)+300*sinPi(x/30))*2/3

	lat := p.Lat * math.Pi / 180
	magic := 1 - krasovskyEccentricity*math.Pow(math.Sin(lat), 2)
	meridian := krasovskyAxis * (1 - krasovskyEccentricity) / (magic * math.Sqrt(magic))
	parallel := krasovskyAxis / math.Sqrt(magic) * math.Cos(lat)
	return dLat * 180 / (meridian * math.Pi), dLng * 180 / (parallel * math.Pi)
}

func sinPi(x float64) float64 { return math.Sin(x * math.Pi) }
