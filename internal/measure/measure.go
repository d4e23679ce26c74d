package measure

import (
	"fmt"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

// Unit is a base unit.
type Unit string

// The base units: everything is counted in whole ones of these.
const (
	Gram       Unit = "GRAM"
	Millilitre Unit = "MILLILITRE"
	Minute     Unit = "MINUTE"
	Piece      Unit = "PIECE"
	Fen        Unit = "FEN" // a hundredth of a yuan
)

// Units lists the base units.
var Units = []Unit{Gram, Millilitre, Minute, Piece, Fen}

// MaxQuantity bounds one quantity: sums of millions of them stay far from 2^63.
const MaxQuantity int64 = 1_000_000_000_000

// Quantity is a whole number of base units.
type Quantity struct {
	Value int64 `bson:"n"`
	Unit  Unit  `bson:"u"`
}

// Check refuses what is not a positive, bounded number of a known unit:
// QUANTITY_INVALID or UNIT_MISMATCH at the given path.
func (q Quantity) Check(path ...string) error {
	if q.Value < 1 || q.Value > MaxQuantity {
		return fault.New(fault.CodeQuantityInvalid, fault.At(append(path, "value")...), fault.P("max", MaxQuantity))
	}
	for _, u := range Units {
		if q.Unit == u {
			return nil
		}
	}
	return fault.New(fault.CodeUnitMismatch, fault.At(append(path, "unit")...), fault.P("want", "GRAM, MILLILITRE, MINUTE, PIECE, FEN"), fault.P("got", string(q.Unit)))
}

// Same refuses two quantities of different units: UNIT_MISMATCH at the path.
func (q Quantity) Same(other Unit, path ...string) error {
	if q.Unit != other {
		return fault.New(fault.CodeUnitMismatch, fault.At(append(path, "unit")...), fault.P("want", string(other)), fault.P("got", string(q.Unit)))
	}
	return nil
}

// Of makes a quantity of the same unit.
func (q Quantity) Of(value int64) Quantity { return Quantity{Value: value, Unit: q.Unit} }

// Window is a stretch of time, From included, To excluded.
type Window struct {
	From time.Time `bson:"from"`
	To   time.Time `bson:"to"`
}

// Check refuses a window that does not end after it starts: WINDOW_INVALID.
func (w Window) Check(path ...string) error {
	if w.From.IsZero() || !w.To.After(w.From) {
		return fault.New(fault.CodeWindowInvalid, fault.At(path...))
	}
	return nil
}

// Covers reports whether w contains all of the other window.
func (w Window) Covers(o Window) bool { return !o.From.Before(w.From) && !o.To.After(w.To) }

// Overlaps reports whether the two share any time.
func (w Window) Overlaps(o Window) bool { return w.From.Before(o.To) && o.From.Before(w.To) }

// Minutes is the window's length in whole minutes.
func (w Window) Minutes() int64 { return int64(w.To.Sub(w.From) / time.Minute) }

// Text is the quantity for people: money in yuan.
func (q Quantity) Text(english bool) string {
	words := map[Unit][2]string{Gram: {" 克", " g"}, Millilitre: {" 毫升", " ml"}, Minute: {" 分钟", " min"}, Piece: {" 件", " pieces"}}
	if q.Unit == Fen {
		return fmt.Sprintf(map[bool]string{false: "%d.%02d 元", true: "CNY %d.%02d"}[english], q.Value/100, q.Value%100)
	}
	w := words[q.Unit]
	return fmt.Sprint(q.Value) + map[bool]string{false: w[0], true: w[1]}[english]
}
