package matching

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/planning"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// Bounds of a board: a plan tells when it had to leave something out.
const (
	maxBoard  = 1000 // need lines
	maxShifts = 20   // helpers or bookings for one line
	maxLooked = 5000 // resources of a category, volunteers of a county
)

// board is a station's open lines and what could serve them, as a problem of planning.
type board struct {
	now      time.Time
	lines    []*boardLine
	wants    []want   // the problem's lines
	supplies []supply // the problem's supplies
	problem  planning.Problem
	looked   int
	complete bool
}

// boardLine is an open need line. What is proposed for it counts as promised, and what
// granted claims speak for is not to be found.
type boardLine struct {
	request *request.Request
	line    *request.Line
	by      *rates
	plain   bool // the looker does not see whom it is for, and nothing may tell
	missing int64
	group   string
	served  map[string]bool // resources that have served the recipient
	minors  bool
	past    *past // of the helpers of hours
	fitting int
}

// want is a part of a line that is met in one way: all that is missing of a stock, one
// helper, one booking of a room.
type want struct {
	*boardLine
	quantity int64
}

// looker is who looks at a board: whose lines are on it, and what judges them.
type looker struct {
	access.Actor
	sees  func(r *request.Request) error // a line that is not theirs to see is not on the board
	reads bool                           // they may look at an empty board
	past  bool                           // what is not weighed by now may be by another policy
	judge func(ctx context.Context, r *request.Request) (*rates, error)
}

// proposer is who may propose for what is on the board, judged by what each request is
// pinned to.
func (s *Service) proposer(a access.Actor, stationID string) looker {
	return looker{
		Actor: a,
		sees:  func(r *request.Request) error { _, err := s.side(a, r, ""); return err },
		reads: a.Is(access.Coordinator, stationID) || a.Has(access.ProtectionOfficer) || a.IsSystem(),
		judge: remembered(func(r *request.Request) string { return r.PolicyID }, s.judge),
	}
}

// remembered asks once for each key.
func remembered[V any](key func(*request.Request) string, ask func(context.Context, *request.Request) (V, error)) func(context.Context, *request.Request) (V, error) {
	known := map[string]V{}
	return func(ctx context.Context, r *request.Request) (V, error) {
		if v, ok := known[key(r)]; ok {
			return v, nil
		}
		v, err := ask(ctx, r)
		if err == nil {
			known[key(r)] = v
		}
		return v, err
	}
}

// board reads what is open at a station and what there is for it.
func (s *Service) board(ctx context.Context, a looker, stationID string, without map[[2]string]bool) (*board, error) {
	b := &board{now: s.core.Time(), complete: true}
	asked, err := s.asked(ctx, b.now)
	if err != nil {
		return nil, err
	}
	if err := s.openLines(ctx, a, stationID, asked, b); err != nil {
		return nil, err
	}
	type shelf struct {
		kind     request.Kind
		category string // of a stock
		county   string // of people
	}
	var shelves []shelf
	wants := map[shelf][]int{}
	for i, w := range b.wants {
		at := shelf{kind: w.line.Kind, category: w.line.Category}
		if w.line.Kind == request.KindHours {
			at = shelf{kind: w.line.Kind, county: w.request.Header.County}
		}
		if wants[at] == nil {
			shelves = append(shelves, at)
		}
		wants[at] = append(wants[at], i)
	}
	for _, at := range shelves {
		if at.kind == request.KindHours {
			err = s.addPeople(ctx, a, at.county, b, wants[at], without)
		} else {
			err = s.addStock(ctx, a, at.kind, at.category, asked, b, wants[at], without)
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// proposed is what waits for an answer: how much of a line, and which parts of a resource.
type proposed struct {
	line     map[string]waiting
	resource map[string][]resource.Hold
}

// asked reads all proposals that wait for an answer, of every station: what another has
// asked for may be gone tomorrow.
func (s *Service) asked(ctx context.Context, now time.Time) (proposed, error) {
	out := proposed{map[string]waiting{}, map[string][]resource.Hold{}}
	q := store.Query{Where: store.Both(store.AtLeast("expires", now), store.Below("expires", int64(math.MaxInt64))), Sort: "expires"}
	err := s.rows.Each(ctx, q, func(p *Proposal) error {
		if p.Now(now) == Proposed {
			if out.line[p.Line] == nil {
				out.line[p.Line] = waiting{}
			}
			out.line[p.Line][p.Owner] += p.Quantity.Value
			h := resource.Hold{AllocationID: p.ID, Value: p.Quantity.Value, Until: p.ExpiresAt, Window: p.Window, At: begins(p.Window, nil, now)}
			out.resource[p.Resource] = append(out.resource[p.Resource], h)
		}
		return nil
	})
	return out, err
}

// openLines reads the lines of a station that still miss something and that the looker
// may look at, the urgent first, then the older.
func (s *Service) openLines(ctx context.Context, a looker, stationID string, asked proposed, b *board) error {
	sight, refused := s.requests.Sight(a.Actor), error(nil)
	rows := s.requests.Rows()
	for _, state := range []request.State{request.Matching, request.InService} {
		q := store.Query{Where: store.Both(store.Is("station", stationID), store.Is("state", string(state))), Sort: "created"}
		err := rows.Each(ctx, sight.Query(rows.Definition(), q), func(r *request.Request) error {
			if err := a.sees(r); err != nil {
				refused = err
				return nil
			}
			by, err := a.judge(ctx, r)
			if err != nil {
				return err
			}
			return s.addLines(ctx, a, r, by, sight.Of(&r.Header) < access.Full, asked, b)
		})
		if err != nil {
			return err
		}
	}
	if len(b.lines) == 0 && refused != nil {
		return refused
	}
	if len(b.lines) == 0 && !a.reads {
		return fault.New(fault.CodeForbidden)
	}
	slices.SortStableFunc(b.lines, func(x, y *boardLine) int {
		return cmp.Or(cmp.Compare(weights[y.request.Urgency], weights[x.request.Urgency]), x.request.CreatedAt.Compare(y.request.CreatedAt), cmp.Compare(x.line.ID, y.line.ID))
	})
	if len(b.lines) > maxBoard {
		b.lines, b.complete = b.lines[:maxBoard], false
	}
	for _, l := range b.lines {
		for _, n := range l.shifts(b.now) {
			b.wants = append(b.wants, want{l, n})
			b.problem.Lines = append(b.problem.Lines, planning.Line{Want: n, Weight: weights[l.request.Urgency] * float64(n) / float64(l.missing)})
		}
	}
	return nil
}

// addLines puts a request's open lines on the board.
func (s *Service) addLines(ctx context.Context, a looker, r *request.Request, by *rates, plain bool, asked proposed, b *board) error {
	group := sync.OnceValues(func() (string, error) { return s.requests.Group(ctx, r) })
	minors := sync.OnceValues(func() (bool, error) { return s.helpers.Minors(ctx, r, b.now) })
	known := sync.OnceValues(func() (*past, error) { return s.past(ctx, a.Actor, r, a.past || by.past()) })
	for i := range r.Lines {
		line := asked.line[r.Lines[i].ID].on(&r.Lines[i])
		l := &boardLine{request: r, line: line, by: by, plain: plain, missing: line.Claimable(b.now)}
		if l.missing == 0 {
			continue
		}
		err := error(nil)
		switch {
		case plain:
		case line.Kind == request.KindHours:
			if l.minors, err = minors(); err == nil {
				l.past, err = known()
			}
		default:
			l.group, err = group()
		}
		if err != nil {
			return err
		}
		b.lines = append(b.lines, l)
	}
	return nil
}

// shifts are the parts in which a line is met: of hours and rooms as many as the window
// makes them, for one can't be longer than what is left of it; none when it is over.
func (l *boardLine) shifts(now time.Time) []int64 {
	if l.line.Kind != request.KindHours && l.line.Kind != request.KindVenue {
		return []int64{l.missing}
	}
	each := min(l.missing, left(l.line.WindowOr(l.request), now, l.missing))
	var out []int64
	for n := l.missing; n > 0 && each > 0 && len(out) < maxShifts; n -= each {
		out = append(out, min(n, each))
	}
	return out
}

// add puts a supply to the wants that it fits.
func (b *board) add(id string, x supply, wants []int, without map[[2]string]bool) {
	number := -1
	for _, i := range wants {
		if without[[2]string{b.wants[i].line.ID, id}] {
			continue
		}
		pair, ok := x.fit(b.wants[i])
		if !ok {
			continue
		}
		if number < 0 {
			number = len(b.supplies)
			b.supplies = append(b.supplies, x)
			b.problem.Supplies = append(b.problem.Supplies, planning.Supply{Free: x.free(), Promised: x.promised()})
		}
		pair.Line, pair.Supply = i, number
		b.problem.Pairs = append(b.problem.Pairs, pair)
		if i == 0 || b.wants[i-1].boardLine != b.wants[i].boardLine { // not for each of its shifts
			b.wants[i].fitting++
		}
	}
}

func (s *Service) addStock(ctx context.Context, a looker, kind request.Kind, category string, asked proposed, b *board, wants []int, without map[[2]string]bool) error {
	found, complete, err := s.stock(ctx, a.Actor, kind, category, b.now)
	b.complete = b.complete && complete
	if err == nil && b.asks(a, wants, (*rates).weighsOwner) {
		err = s.recorded(ctx, records{}, found)
	}
	if err != nil {
		return err
	}
	for _, i := range wants {
		if l := b.wants[i].boardLine; l.served == nil && !l.plain {
			if l.served, err = s.known(ctx, l.request, found); err != nil {
				return err
			}
		}
	}
	for _, o := range found {
		mine := *o.resource
		mine.Holds = append(slices.Clone(mine.Holds), asked.resource[mine.ID]...)
		x := stocked{offer{&mine, o.owner, o.stale, o.record}, b.now, b.now}
		if b.looked++; mine.Per == "" {
			b.add(mine.ID, &x, wants, without)
			continue
		}
		for _, turn := range b.turns(x, wants) {
			b.add(mine.ID, &turn.stocked, turn.wants, without)
		}
	}
	return nil
}

// turn is a service by period in one of its periods, which is a supply of its own, and the
// wants whose turn comes in it.
type turn struct {
	stocked
	wants []int
}

func (b *board) turns(x stocked, wants []int) (out []*turn) {
	for _, i := range wants {
		at := x.put(b.wants[i]).turn()
		if at.IsZero() {
			continue
		}
		start := x.resource.Per.Start(at)
		k := slices.IndexFunc(out, func(t *turn) bool { return x.resource.Per.Start(t.at).Equal(start) })
		if k < 0 {
			k, out = len(out), append(out, &turn{stocked: stocked{x.offer, x.now, at}})
		}
		out[k].wants = append(out[k].wants, i)
	}
	return out
}

func (s *Service) addPeople(ctx context.Context, a looker, county string, b *board, wants []int, without map[[2]string]bool) error {
	found, taken, complete, err := s.people(ctx, a.Actor, county, b.now)
	if err != nil {
		return err
	}
	known := records{}
	if b.asks(a, wants, func(by *rates) bool { return by.weighs("PAST_CONFIRMATION") }) {
		if err := s.learn(ctx, known, ids(found)); err != nil {
			return err
		}
	}
	b.complete = b.complete && complete
	b.looked += len(found)
	for _, v := range found {
		b.add(v.ID, &person{helper{volunteer: v, taken: taken[v.ID], record: known[v.ID], now: b.now}}, wants, without)
	}
	return nil
}

// asks reports whether one of the wants is judged by what asks for something, or may be.
func (b *board) asks(a looker, wants []int, which func(*rates) bool) bool {
	return a.past || slices.ContainsFunc(wants, func(i int) bool { return which(b.wants[i].by) })
}

// gather reads the rows of a query up to maxLooked, and whether those were all.
func gather[T any](ctx context.Context, rows *store.Collection[T], q store.Query) (out []*T, complete bool, err error) {
	enough := errors.New("enough")
	err = rows.Each(ctx, q, func(t *T) error {
		if len(out) == maxLooked {
			return enough
		}
		out = append(out, t)
		return nil
	})
	if errors.Is(err, enough) {
		return out, false, nil
	}
	return out, err == nil, err
}

// stock is all resources of a kind and category that are on offer and that the actor may
// see, and whether those are all.
func (s *Service) stock(ctx context.Context, a access.Actor, kind request.Kind, category string, now time.Time) ([]offer, bool, error) {
	rows := s.resources.Rows()
	found, complete, err := gather(ctx, rows, s.resources.Sight(a).Query(rows.Definition(), onOffer(kind, category)))
	if err != nil {
		return nil, false, err
	}
	out, err := s.offers(ctx, found, owners{}, now)
	return out, complete, err
}

// people is all volunteers of a county who take assignments and whom the actor may see,
// what each has promised or been offered, and whether those are all.
func (s *Service) people(ctx context.Context, a access.Actor, county string, now time.Time) ([]*volunteer.Volunteer, map[string][]Taken, bool, error) {
	rows := s.volunteers.Rows()
	found, complete, err := gather(ctx, rows, access.See(a, volunteer.Noun).Query(rows.Definition(), atWork(county)))
	if err != nil {
		return nil, nil, false, err
	}
	taken, err := s.taken(ctx, a, county, now)
	if err != nil {
		return nil, nil, false, err
	}
	err = s.helpers.Offered(ctx, county, now, func(volunteerID string, offered measure.Task) {
		taken[volunteerID] = append(taken[volunteerID], Taken{offered, false})
	})
	return found, taken, complete, err
}
