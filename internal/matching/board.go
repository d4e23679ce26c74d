package matching

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/organisation"
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

// boardLine is an open need line. What is proposed for it counts as promised.
type boardLine struct {
	request *request.Request
	line    *request.Line
	missing int64
	group   string
	served  map[string]bool // resources that have served the recipient
	minors  bool
	fitting int
}

// want is a part of a line that is met in one way: all that is missing of a stock, one
// helper, one booking of a room.
type want struct {
	*boardLine
	quantity int64
}

// supply is a resource or a volunteer.
type supply interface {
	// promised is what they do already, for those who do one thing at a time.
	promised() []measure.Task
	// free is how much of a stock is there.
	free() int64
	// fit says what they could give to a want, if every hard rule holds.
	fit(w want) (planning.Pair, bool)
	// give puts them to a want beside what they gave before; without failures it
	// counts as given from then on.
	give(w want, amount int64) Weighed
}

// board reads what is open at a station and what there is for it.
func (s *Service) board(ctx context.Context, a access.Actor, stationID string, without map[[2]string]bool) (*board, error) {
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
	line     map[string]int64
	resource map[string][]resource.Hold
}

// asked reads all proposals that wait for an answer, of every station: what another has
// asked for may be gone tomorrow.
func (s *Service) asked(ctx context.Context, now time.Time) (proposed, error) {
	out := proposed{map[string]int64{}, map[string][]resource.Hold{}}
	q := store.Query{Where: store.Both(store.AtLeast("expires", now), store.Below("expires", int64(math.MaxInt64))), Sort: "expires"}
	err := s.rows.Each(ctx, q, func(p *Proposal) error {
		if p.Now(now) == Proposed {
			out.line[p.Line] += p.Quantity.Value
			h := resource.Hold{AllocationID: p.ID, Value: p.Quantity.Value, Until: p.ExpiresAt, Window: p.Window, At: begins(p.Window, nil, now)}
			out.resource[p.Resource] = append(out.resource[p.Resource], h)
		}
		return nil
	})
	return out, err
}

// openLines reads the lines of a station that still miss something and for which the
// actor may propose, the urgent first, then the older.
func (s *Service) openLines(ctx context.Context, a access.Actor, stationID string, asked proposed, b *board) error {
	sight, refused := s.requests.Sight(a), error(nil)
	rows := s.requests.Rows()
	for _, state := range []request.State{request.Matching, request.InService} {
		q := store.Query{Where: store.Both(store.Is("station", stationID), store.Is("state", string(state))), Sort: "created"}
		err := rows.Each(ctx, sight.Query(rows.Definition(), q), func(r *request.Request) error {
			if _, err := s.side(a, r, ""); err != nil {
				refused = err
				return nil
			}
			return s.addLines(ctx, r, asked, b)
		})
		if err != nil {
			return err
		}
	}
	if len(b.lines) == 0 && refused != nil {
		return refused
	}
	if len(b.lines) == 0 && !a.Is(access.Coordinator, stationID) && !a.Has(access.ProtectionOfficer) && !a.IsSystem() {
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
func (s *Service) addLines(ctx context.Context, r *request.Request, asked proposed, b *board) error {
	var group string
	var minors bool
	for i := range r.Lines {
		line := r.Lines[i]
		if n := asked.line[line.ID]; n > 0 {
			line.Promise(request.Promise{ID: "proposed", Stage: request.Held, Value: n})
		}
		missing := line.Missing(b.now)
		if missing == 0 {
			continue
		}
		err := error(nil)
		if line.Kind == request.KindHours {
			minors, err = s.helpers.Minors(ctx, r, b.now)
		} else {
			group, err = s.requests.Group(ctx, r)
		}
		if err != nil {
			return err
		}
		b.lines = append(b.lines, &boardLine{request: r, line: &line, missing: missing, group: group, minors: minors})
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

func (s *Service) addStock(ctx context.Context, a access.Actor, kind request.Kind, category string, asked proposed, b *board, wants []int, without map[[2]string]bool) error {
	found, complete, err := s.stock(ctx, a, kind, category, b.now)
	b.complete = b.complete && complete
	if err != nil {
		return err
	}
	for _, i := range wants {
		if l := b.wants[i].boardLine; l.served == nil {
			if l.served, err = s.known(ctx, l.request, found); err != nil {
				return err
			}
		}
	}
	for _, o := range found {
		mine := *o.resource
		mine.Holds = append(slices.Clone(mine.Holds), asked.resource[mine.ID]...)
		x := stocked{offer{&mine, o.owner, o.stale}, b.now, b.now}
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

func (s *Service) addPeople(ctx context.Context, a access.Actor, county string, b *board, wants []int, without map[[2]string]bool) error {
	found, taken, complete, err := s.people(ctx, a, county, b.now)
	b.complete = b.complete && complete
	b.looked += len(found)
	for _, v := range found {
		b.add(v.ID, &person{helper{volunteer: v, taken: taken[v.ID], now: b.now}}, wants, without)
	}
	return err
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

// offer is a resource that is to be had, with its owner.
type offer struct {
	resource *resource.Resource
	owner    *organisation.Organisation
	stale    bool
}

// pair puts the offer to a line; served are the resources that served its recipient.
func (o offer) pair(r *request.Request, line *request.Line, group string, served map[string]bool, now time.Time) pair {
	return pair{request: r, line: line, resource: o.resource, owner: o.owner, group: group, now: now, served: served[o.resource.ID], stale: o.stale}
}

// known are the resources that have served the request's recipient, if one of the offers
// asks for that.
func (s *Service) known(ctx context.Context, r *request.Request, found []offer) (map[string]bool, error) {
	if !slices.ContainsFunc(found, func(o offer) bool { return o.resource.Known() }) {
		return nil, nil
	}
	return s.allocations.Served(ctx, r.Header.Subject)
}

// stock is all resources of a kind and category that are on offer and that the actor may
// see, and whether those are all.
func (s *Service) stock(ctx context.Context, a access.Actor, kind request.Kind, category string, now time.Time) ([]offer, bool, error) {
	q := store.Query{Where: store.Both(store.Is("category", category), store.Is("kind", string(kind)), store.Is("state", string(resource.Published))), Sort: "created"}
	rows := s.resources.Rows()
	found, complete, err := gather(ctx, rows, s.resources.Sight(a).Query(rows.Definition(), q))
	if err != nil {
		return nil, false, err
	}
	ids := make([]string, len(found))
	for i, res := range found {
		ids[i] = res.Owner
	}
	owners, err := s.organisations.Rows().GetMany(ctx, ids)
	if err != nil {
		return nil, false, err
	}
	var out []offer
	for _, res := range found {
		if owners[res.Owner] != nil && res.Available(now) == nil {
			out = append(out, offer{res, owners[res.Owner], s.resources.Stale(res, now)})
		}
	}
	return out, complete, nil
}

// people is all volunteers of a county who take assignments and whom the actor may see,
// what each has promised or been offered, and whether those are all.
func (s *Service) people(ctx context.Context, a access.Actor, county string, now time.Time) ([]*volunteer.Volunteer, map[string][]Taken, bool, error) {
	rows, sight := s.volunteers.Rows(), access.See(a, volunteer.Noun)
	q := store.Query{Where: store.Both(store.Is("county", county), store.Is("state", string(volunteer.Active))), Sort: "created"}
	found, complete, err := gather(ctx, rows, sight.Query(rows.Definition(), q))
	if err != nil {
		return nil, nil, false, err
	}
	taken := map[string][]Taken{}
	err = s.helpers.Taken(ctx, a, county, now, func(volunteerID string, promised measure.Task, shown bool) {
		taken[volunteerID] = append(taken[volunteerID], Taken{promised, shown})
	})
	if err != nil {
		return nil, nil, false, err
	}
	err = s.helpers.Offered(ctx, county, now, func(volunteerID string, offered measure.Task) {
		taken[volunteerID] = append(taken[volunteerID], Taken{offered, false})
	})
	return found, taken, complete, err
}

// stocked is a resource on a board, with what is free at a moment.
type stocked struct {
	offer
	now time.Time
	at  time.Time
}

func (x *stocked) free() int64 { return x.resource.FreeAt(x.at, x.now) }

func (x *stocked) promised() []measure.Task {
	var out []measure.Task
	for _, h := range x.resource.Holds {
		if h.Window != nil && (h.Until.IsZero() || x.now.Before(h.Until)) {
			out = append(out, measure.Task{Window: *h.Window, Length: h.Window.To.Sub(h.Window.From)})
		}
	}
	return out
}

func (x *stocked) put(w want) pair {
	p := x.pair(w.request, w.line, w.group, w.served, x.now)
	if p.resource.Per != "" {
		p.at = p.turn()
	}
	return p
}

func (x *stocked) fit(w want) (out planning.Pair, ok bool) {
	p := x.put(w)
	if _, err := p.conflict(); err != nil || p.resource.Unit() != p.line.Need.Unit {
		return out, false
	}
	room := p.resource.Kind == resource.Venue
	if p.quantity = p.most(); room {
		p.quantity.Value = w.quantity
	}
	if !hold(p.rules()) {
		return out, false
	}
	_, out.Score = p.score()
	out.Least, out.Most = p.least(), p.quantity.Value
	if room {
		out.Task = p.task()
	}
	return out, true
}

// task is the booking of a room, which may be moved in what is wanted and open.
func (p pair) task() *measure.Task {
	length := time.Duration(p.quantity.Value) * time.Minute
	w := measure.Window{From: p.slot()}
	w.To = w.From.Add(length)
	if wanted := p.line.WindowOr(p.request); wanted != nil {
		w = measure.Window{From: earliest(wanted, p.now), To: wanted.To}
	}
	if open := p.resource.Window; open != nil {
		w.From, w.To = later(w.From, open.From), earlier(w.To, open.To)
	}
	return &measure.Task{Window: w, Length: length}
}

func (x *stocked) give(w want, amount int64) Weighed {
	p := x.put(w)
	p.quantity = w.line.Need.Of(amount)
	out := p.weighed()
	if len(out.Failures) > 0 {
		return out
	}
	taken := resource.Hold{Value: amount, At: p.begins(), Until: x.now.AddDate(1, 0, 0)}
	if p.resource.Kind == resource.Venue {
		taken.Window = &measure.Window{From: out.Start, To: out.Start.Add(time.Duration(amount) * time.Minute)}
	}
	x.resource.Holds = append(x.resource.Holds, taken)
	return out
}

// person is a volunteer on a board.
type person struct{ helper }

func (x *person) free() int64 { return 0 }

func (x *person) promised() []measure.Task { return x.helper.promised(false) }

func (x *person) put(w want) helper {
	h := x.helper
	h.request, h.line, h.minors, h.minutes = w.request, w.line, w.minors, w.quantity
	return h
}

func (x *person) fit(w want) (out planning.Pair, ok bool) {
	h := x.put(w)
	if slices.Contains(w.request.Header.Barred, h.volunteer.ID) || !hold(h.rules()) {
		return out, false
	}
	_, out.Score = h.scores()
	task := measure.Task{Window: measure.Window{From: h.start()}, Length: h.length()}
	task.To = task.From.Add(task.Length)
	if wanted := h.line.WindowOr(h.request); wanted != nil {
		task.To = wanted.To
	}
	if len(h.volunteer.Hours) > 0 {
		task.To = earlier(task.To, h.volunteer.Hours.Until(task.From))
	}
	out.Task = &task
	return out, true
}

func (x *person) give(w want, _ int64) Weighed {
	out := x.put(w).weighed()
	if len(out.Failures) == 0 {
		length := time.Duration(w.quantity) * time.Minute
		taken := measure.Task{Window: measure.Window{From: out.Start, To: out.Start.Add(length)}, Length: length}
		x.taken = append(slices.Clone(x.taken), Taken{taken, true})
	}
	return out
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
