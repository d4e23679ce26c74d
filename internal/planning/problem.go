package planning

import "github.com/fivesociety/linkage/internal/measure"

// ScoreWorth is what a perfect fit adds to the worth of covering a line of weight 1: less
// than a thousandth, so that fit decides between plans that cover alike.
const ScoreWorth = 1.0 / 1024

// Problem is a board: what is wanted, what there is, and what could serve what.
type Problem struct {
	Lines    []Line
	Supplies []Supply
	Pairs    []Pair
}

// Line is something wanted, in whole units.
type Line struct {
	Want   int64
	Weight float64 // worth of covering all of it; a part is worth its share
}

// Supply is something that can be given: a stock, of which Free units are there, or
// someone or a room doing one task at a time, beside what is promised already.
type Supply struct {
	Free     int64
	Promised []measure.Task
}

// Pair says that a supply could serve a line. Of a stock it gives nothing, or from Least
// to Most units. A pair with a Task takes the supply's time instead, and gives all that
// the line wants or nothing.
type Pair struct {
	Line, Supply int
	Least, Most  int64
	Score        float64 // 0 to 1
	Task         *measure.Task
}

// Plan is what is given: a share of Problem.Pairs. Bound is what no plan can be worth
// more than: Value when the plan is proven to be the best.
type Plan struct {
	Gives []Give
	Value float64
	Bound float64
}

// Give is an amount given by a pair, in units of its line.
type Give struct {
	Pair   int
	Amount int64
}

// Gap is how much better a plan could be at most, as a share of its worth: 0 for a proven
// one, whose two numbers may differ by what floating point loses in summing.
func (p *Plan) Gap() float64 {
	if p.Bound <= p.Value*(1+slack) {
		return 0
	}
	return (p.Bound - p.Value) / p.Bound
}

// worth is what one unit given by a pair is worth.
func (p *Problem) worth(i int) float64 {
	l := &p.Lines[p.Pairs[i].Line]
	return (l.Weight + ScoreWorth*p.Pairs[i].Score) / float64(l.Want)
}

// least is the least that a pair gives at once.
func (p *Problem) least(i int) int64 {
	if p.Pairs[i].Task != nil {
		return p.Lines[p.Pairs[i].Line].Want
	}
	return max(1, p.Pairs[i].Least)
}

// most is the most that a pair could give were it alone.
func (p *Problem) most(i int) int64 {
	pair := &p.Pairs[i]
	if pair.Task != nil {
		return p.Lines[pair.Line].Want
	}
	return max(0, min(pair.Most, p.Lines[pair.Line].Want, p.Supplies[pair.Supply].Free))
}
