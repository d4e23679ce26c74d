package store

import "github.com/fivesociety/linkage/internal/fault"

// Limits of one query.
const (
	maxLimit    = 1000 // rows a page, for use cases; the API allows 100
	maxBranches = 16   // ordered walks merged for one query
	maxScanned  = 4000 // rows looked at for one page when a Go check drops some
)

// Query asks a collection for one page. The order is Sort, then id; paging is by
// key, never by count.
type Query struct {
	Where   Filter
	Sort    string // declared scalar field; "" orders by id
	Desc    bool
	After   *Pos // exclusive: rows behind it in the order
	Before  *Pos // exclusive; with FromEnd: rows in front of it
	FromEnd bool // the last Limit rows instead of the first
	Limit   int  // 1 to 1000; 0 means 50
	Guard   string
	// Guard names a guard document: inside a unit it is read before the search and
	// asserted at commit, so that no phantom appears between decision and commit. The
	// same search asked again in the unit has the same answer.
}

// Page is one page in the asked order. Ends are the positions of the first and
// last row *looked at*, for cursors.
type Page[T any] struct {
	Items   []*T
	Pos     []Pos // of each item
	HasNext bool
	HasPrev bool
	Last    *Pos // last row looked at; differs from the last item when a check dropped rows
}

func (s Shape) sort() string { return s.Sort }

// Example is the scan that a declared query becomes, with example values: what
// the contract suite asks the engine's plan of.
func (d *Definition) Example(s Shape) (Scan, error) {
	conj := make([]Filter, len(s.Where))
	for i, name := range s.Where {
		f := d.Fields[d.position[name]]
		conj[i] = leaf(Eq, name, f.Kind.Example())
		if f.Kind == Texts || f.Kind == Terms {
			conj[i].Op = Has
		}
	}
	scans, err := d.branches(Both(conj...), s.Sort)
	if err != nil {
		return Scan{}, err
	}
	scans[0].Limit = 50
	return scans[0], nil
}

// Example is some value of the kind, as a condition holds it.
func (k Kind) Example() any {
	switch k {
	case Int:
		return int64(7)
	case Real:
		return 7.5
	case Text, Texts, Terms:
	}
	return "x"
}

// branches turns a condition into at most maxBranches conjunctions, each with an
// index that walks in the asked order. What cannot be spread stays a residual.
func (d *Definition) branches(where Filter, sortBy string) ([]Scan, error) {
	for _, conj := range [][][]Filter{{conjuncts(where)}, spread(where)} {
		if scans, ok := d.scans(conj, sortBy); ok {
			return scans, nil
		}
	}
	return d.checked(conjuncts(where), sortBy)
}

// checked walks one index and leaves the alternatives to a check in Go, of at most
// maxScanned rows a page: for the reader with more scopes than branches.
func (d *Definition) checked(conj []Filter, sortBy string) ([]Scan, error) {
	index, ok := d.indexFor(equalities(conj), sortBy)
	if !ok {
		return nil, fault.New(fault.CodeFilterUnsupported)
	}
	s := Scan{Noun: d, Index: index, Sort: sortBy}
	var rest []Filter
	for _, f := range conj {
		if f.Op == Or {
			rest = append(rest, f)
		} else {
			s.Where = append(s.Where, f)
		}
	}
	var err error
	s.rest, err = d.Compile(Both(rest...), false)
	return []Scan{s}, err
}

func (d *Definition) scans(conjs [][]Filter, sortBy string) ([]Scan, bool) {
	if len(conjs) > maxBranches {
		return nil, false
	}
	out := make([]Scan, 0, len(conjs))
	for _, c := range conjs {
		if never(c) {
			continue
		}
		index, ok := d.indexFor(equalities(c), sortBy)
		// An Or left as a residual on an unselective walk reads everything: spread first.
		if !ok || (len(conjs) == 1 && len(index) <= 1 && hasOr(c) && !bounded(c, sortBy)) {
			return nil, false
		}
		out = append(out, Scan{Noun: d, Where: c, Index: index, Sort: sortBy})
	}
	return out, true
}

// indexFor picks the index with the longest prefix of equal fields directly
// followed by the sort key. The primary key serves an order by id.
func (d *Definition) indexFor(equal map[string]bool, sortBy string) ([]string, bool) {
	var best []string
	found := sortBy == ""
	for _, ix := range d.Indexes {
		k := 0
		for k < len(ix) && equal[ix[k]] && ix[k] != sortBy {
			k++
		}
		serves := (sortBy == "" && k == len(ix)) || (sortBy != "" && k == len(ix)-1 && ix[k] == sortBy)
		if serves && (!found || len(ix) > len(best)) {
			best, found = ix, true
		}
	}
	return best, found
}

func equalities(conj []Filter) map[string]bool {
	m := map[string]bool{}
	for _, f := range conj {
		if f.Op == Eq || f.Op == Has {
			m[f.Field] = true
		}
	}
	return m
}

func conjuncts(f Filter) []Filter {
	switch f.Op {
	case True:
		return nil
	case And:
		return f.Subs
	}
	return []Filter{f}
}

func never(conj []Filter) bool {
	for _, f := range conj {
		if f.Op == False {
			return true
		}
	}
	return false
}

// bounded reports whether the walk has two ends: then it is selective, as a range of
// cells is.
func bounded(conj []Filter, sortBy string) bool {
	low, high := false, false
	for _, f := range conj {
		if f.Field == sortBy {
			low, high = low || f.Op == Gte, high || f.Op == Lt
		}
	}
	return low && high
}

func hasOr(conj []Filter) bool {
	for _, f := range conj {
		if f.Op == Or {
			return true
		}
	}
	return false
}

// spread is the disjunctive normal form; In counts as one condition.
func spread(f Filter) [][]Filter {
	switch f.Op {
	case Or:
		var out [][]Filter
		for _, s := range f.Subs {
			out = append(out, spread(s)...)
		}
		return out
	case And:
		out := [][]Filter{nil}
		for _, s := range f.Subs {
			var next [][]Filter
			for _, left := range out {
				for _, right := range spread(s) {
					next = append(next, append(append([]Filter(nil), left...), right...))
				}
			}
			if len(next) > 4*maxBranches {
				return next
			}
			out = next
		}
		return out
	}
	return [][]Filter{conjuncts(f)}
}

// before reports whether a stands in front of b in the order.
func (p Pos) before(b Pos, desc bool) bool {
	c := 0
	if p.Key != nil && b.Key != nil {
		c = compare(p.Key, b.Key)
	}
	if c == 0 {
		c = compare(p.ID, b.ID)
	}
	if desc {
		return c > 0
	}
	return c < 0
}
