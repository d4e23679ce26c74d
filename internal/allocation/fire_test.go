package allocation_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/assignment"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/mongo"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/store/storetest"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// site is a process's way to the books: the services over a store, on the real clock.
type site struct {
	core        *usecase.Core
	requests    *request.Service
	resources   *resource.Service
	allocations *allocation.Service
	assignments *assignment.Service
	volunteers  *volunteer.Service
}

func openSite(ctx context.Context, a store.Adapter) (*site, error) {
	db := store.New(a, store.Options{})
	s := &site{core: &usecase.Core{DB: db, Once: store.NewOnce(db), Now: time.Now}}
	divisions := division.New(s.core)
	organisations := organisation.New(s.core, divisions)
	stations := station.New(s.core, divisions, organisations)
	communities := community.New(s.core, divisions, stations)
	workers := socialworker.New(s.core, organisations, stations)
	recipients := recipient.New(s.core, divisions, communities, stations, organisations)
	s.volunteers = volunteer.New(s.core, divisions, communities, stations)
	s.requests = request.New(s.core, request.Nouns{
		Divisions: divisions, Communities: communities, Stations: stations, Workers: workers, Recipients: recipients, Volunteers: s.volunteers,
		Policies: policy.New(s.core, divisions),
	})
	s.resources = resource.New(s.core, divisions, organisations, stations)
	s.allocations = allocation.New(s.core, s.requests, s.resources)
	s.assignments = assignment.New(s.core, s.requests, s.volunteers, workers, recipients)
	return s, db.Start(ctx)
}

// slots are the hours of a room and of a person, and the days of a service, that are
// fought over.
const slots = 3

// hours are the kind of what a volunteer gives: of one slot to one at a time.
const hours = resource.Kind(request.KindHours)

// scarce are things of every kind, each with how much there is of it: of a room and a
// person the hours, of a service so much a day.
var scarce = []struct {
	kind  resource.Kind
	total int64
}{{resource.Goods, 24}, {resource.Fund, 24}, {resource.Venue, slots}, {resource.Serving, 8}, {resource.InKind, 24}, {hours, slots}}

// kindOf tells a resource's kind by its id.
func kindOf(res string) int {
	i, err := strconv.Atoi(res[strings.LastIndex(res, "k")+1:])
	if err != nil {
		panic(err)
	}
	return i
}

// stock makes a set of scarce things.
func (s *site) stock(ctx context.Context, name string) (ids []string, err error) {
	for i, k := range scarce {
		if k.kind == hours {
			id := fmt.Sprintf("vol_%sk%d", name, i)
			ids = append(ids, id)
			err := s.core.DB.Tx(ctx, func(ctx context.Context) error {
				v := &volunteer.Volunteer{Head: store.Head{ID: id}, Community: "130202001001"}
				v.Header.Class, v.Header.State = access.Public, string(volunteer.Active)
				return s.volunteers.Rows().Insert(ctx, v, store.Note{Kind: "volunteer.created"})
			})
			if err != nil {
				return nil, err
			}
			continue
		}
		r := &resource.Resource{
			Head: store.Head{ID: fmt.Sprintf("res_%sk%d", name, i)}, Kind: k.kind, Category: "MEAL_DELIVERY", Owner: "org_fire", Area: "1302",
			Total: measure.Quantity{Value: k.total, Unit: measure.Piece},
		}
		switch k.kind {
		case resource.Goods: // of two batches
			for n := range 2 {
				b := resource.Batch{ID: fmt.Sprintf("bch_%sk%d.%d", name, i, n+1), ReceivedOn: "2026-01-01", Received: r.Total.Value / 2}
				if n == 1 {
					b.ExpiresAt, b.Received = time.Now().AddDate(1, 0, 0), r.Total.Value-r.Total.Value/2
				}
				r.Batches = append(r.Batches, b)
			}
		case resource.Fund:
			r.Total.Unit = measure.Fen
		case resource.Venue:
			r.Total = measure.Quantity{Value: measure.MaxQuantity, Unit: measure.Minute}
		case resource.Serving:
			r.Per = resource.Day
		case resource.InKind:
		}
		r.Header.Class, r.Header.State = access.Public, string(resource.Published)
		r.Header.Relate(access.PartyOwner, r.Owner)
		ids = append(ids, r.ID)
		if err := s.add(ctx, r); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func (s *site) add(ctx context.Context, r *resource.Resource) error {
	return s.core.DB.Tx(ctx, func(ctx context.Context) error {
		fresh := *r
		return s.resources.Rows().Insert(ctx, &fresh, store.Note{Kind: "resource.created"})
	})
}

// op is one operation as its caller saw it. Ret is 0 while nobody knows how it ended.
type op struct {
	Do, Alc, Res string
	N            int64
	Slot         int
	Call, Ret    int64
	OK           bool
}

// again calls until the store answers: a call whose outcome is unknown, or that found the
// store away, is repeated with its key.
func again(ctx context.Context, call func() error) error {
	for {
		err := call()
		switch fault.CodeOf(err) {
		case fault.CodeOutcomeUnknown, fault.CodeUnavailable:
		default:
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// offer tries to take an hour of a volunteer: a part is offered, and taken.
func (s *site) offer(ctx context.Context, o op) error {
	from := time.Now().UTC().AddDate(0, 0, 2).Truncate(24 * time.Hour).Add(time.Duration(o.Slot) * time.Hour)
	g := &assignment.Assignment{
		Head: store.Head{ID: "asg_" + o.Alc}, Request: "req_" + o.Alc, Line: "nl_" + o.Alc, Volunteer: o.Res, Fence: 1, Planned: 60,
		Window: measure.Window{From: from, To: from.Add(time.Hour)}, ExpiresAt: from,
	}
	g.Header.Class, g.Header.State = access.Restricted, string(assignment.Offered)
	return again(ctx, func() error {
		_, err := s.core.Run(ctx, access.System("fire"), "fire.offer", o.Alc, o.Alc, func(ctx context.Context) ([]string, error) {
			fresh := *g
			if err := s.requests.Rows().Insert(ctx, need(o, request.KindHours, measure.Quantity{Value: 60, Unit: measure.Minute}), store.Note{Kind: "request.submitted"}); err != nil {
				return nil, err
			}
			return []string{g.ID}, s.assignments.Rows().Insert(ctx, &fresh, store.Note{Kind: "assignment.offered", Root: g.Request})
		})
		if err != nil {
			return err
		}
		_, err = s.assignments.Accept(ctx, access.System("fire"), assignment.StepInput{AssignmentID: g.ID, IdempotencyKey: &o.Alc})
		return err
	})
}

// need is a request in matching that one attempt is for.
func need(o op, kind request.Kind, q measure.Quantity) *request.Request {
	r := &request.Request{Head: store.Head{ID: "req_" + o.Alc}, Place: "130202001001", Lines: []request.Line{{ID: "nl_" + o.Alc, Kind: kind, Need: q}}}
	r.Header.Class, r.Header.State = access.Restricted, string(request.Matching)
	r.Header.Place(r.Place)
	return r
}

// hold tries to take n of a resource for a need of its own. A room is asked for by its
// hours and counted in minutes.
func (s *site) hold(ctx context.Context, o op, ttl time.Duration) error {
	if scarce[kindOf(o.Res)].kind == hours {
		return s.offer(ctx, o)
	}
	kind, base := scarce[kindOf(o.Res)].kind, time.Now().UTC().AddDate(0, 0, 2).Truncate(24*time.Hour)
	take := allocation.Take{Line: "nl_" + o.Alc, Quantity: measure.Quantity{Value: o.N, Unit: measure.Piece}}
	switch kind {
	case resource.Venue:
		from := base.Add(time.Duration(o.Slot) * time.Hour)
		take.Quantity, take.Window = measure.Quantity{Value: 60, Unit: measure.Minute}, &measure.Window{From: from, To: from.Add(time.Hour)}
	case resource.Serving:
		take.At = base.AddDate(0, 0, o.Slot)
	case resource.Fund:
		take.Quantity.Unit = measure.Fen
	case resource.Goods, resource.InKind:
	}
	return again(ctx, func() error {
		_, err := s.core.Run(ctx, access.System("fire"), "fire.hold", o.Alc, o.Alc, func(ctx context.Context) ([]string, error) {
			now := s.core.Time()
			take.Until = now.Add(ttl)
			r := need(o, request.Kind(kind), take.Quantity)
			res, err := s.resources.Load(ctx, o.Res)
			if err != nil {
				return nil, err
			}
			l, _, err := s.allocations.Hold(ctx, access.System("fire"), "alc_"+o.Alc, r, res, take, now)
			if err != nil {
				return nil, err
			}
			return []string{l.ID}, s.requests.Rows().Insert(ctx, r, store.Note{Kind: "request.submitted", Root: r.ID})
		})
		return err
	})
}

// step takes a further step with an allocation, known by its version.
func (s *site) step(ctx context.Context, o op, version int64) (after int64, err error) {
	id, key, a := "alc_"+o.Alc, o.Do+o.Alc, access.System("fire")
	if scarce[kindOf(o.Res)].kind == hours {
		return 0, again(ctx, func() error {
			_, err := s.assignments.ReleaseOne(ctx, a, assignment.EndInput{AssignmentID: "asg_" + o.Alc, Reason: "OVERLOAD", IdempotencyKey: &key})
			return err
		})
	}
	err = again(ctx, func() (err error) {
		var v *allocation.View
		switch o.Do {
		case "commit":
			v, _, err = s.allocations.Commit(ctx, a, allocation.StepInput{AllocationID: id, ExpectedVersion: version, IdempotencyKey: &key})
		case "release":
			v, _, err = s.allocations.ReleaseOne(ctx, a, allocation.ReleaseInput{AllocationID: id, Reason: "OVERLOAD", ExpectedVersion: version, IdempotencyKey: &key})
		case "dispatch":
			v, _, err = s.allocations.Dispatch(ctx, a, allocation.DispatchInput{AllocationID: id, ExpectedVersion: &version, IdempotencyKey: &key})
		case "deliver":
			v, _, err = s.allocations.Deliver(ctx, a, allocation.DeliverInput{AllocationID: id, ExpectedVersion: &version, IdempotencyKey: &key})
		case "return":
			v, _, err = s.allocations.ReturnOne(ctx, a, allocation.ReturnInput{AllocationID: id, Reason: "NOBODY_THERE", ExpectedVersion: &version, IdempotencyKey: &key})
		}
		if err == nil {
			after = v.Version
		}
		return err
	})
	switch fault.CodeOf(err) {
	case fault.CodeTransition, fault.CodeConflict: // just after an election a read may be behind what was acknowledged
		v, again := s.allocations.Get(ctx, a, id)
		if again == nil && v.Version > version {
			return s.step(ctx, o, v.Version)
		}
	}
	return after, err
}

// next is what may follow on a step.
func next(rng *rand.Rand, did, res string) string {
	one := func(list ...string) string { return list[rng.IntN(len(list))] }
	switch {
	case scarce[kindOf(res)].kind == hours:
		return "release"
	case did == "hold":
		return one("release", "commit", "commit")
	case did == "commit":
		return one("release", "dispatch")
	}
	return one("return", "return", "return", "return", "return", "return", "return", "return", "return", "return", "return", "return", "return", "deliver")
}

// play lets workers fight over resources: each has several parts in hand at a time, and
// takes a step with one of them or tries to take another. say hears every operation when
// it begins, and again when it has ended. It ends with the first error.
func (s *site) play(ctx context.Context, name string, workers, attempts int, resources []string, ttl time.Duration, say func(op)) error {
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(attempts))
	errs := make(chan error, workers)
	for w := range workers {
		wg.Go(func() {
			if err := s.work(ctx, fmt.Sprintf("%sw%d", name, w), &left, resources, ttl, say); err != nil {
				errs <- err
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

func (s *site) work(ctx context.Context, name string, left *atomic.Int64, resources []string, ttl time.Duration, say func(op)) error {
	rng := rand.New(rand.NewPCG(uint64(len(name)), uint64(time.Now().UnixNano()))) //nolint:gosec // a plan, not a secret
	type inHand struct {
		op
		version int64
	}
	var bag []inHand
	for n := 0; ; n++ {
		more := left.Load() > 0
		if !more && len(bag) == 0 {
			return nil
		}
		if more && (len(bag) < 2 || (len(bag) < 6 && rng.IntN(2) == 0)) {
			if left.Add(-1) < 0 {
				continue
			}
			o := op{Do: "hold", Alc: fmt.Sprintf("%sn%d", name, n), Res: resources[rng.IntN(len(resources))], N: 1 + rng.Int64N(4), Slot: rng.IntN(slots), Call: time.Now().UnixNano()}
			say(o)
			err := s.hold(ctx, o, ttl)
			switch fault.CodeOf(err) {
			case fault.CodeStockShort, fault.CodeResourceUnavailable, fault.CodeOverlap:
			default:
				if err != nil {
					return fmt.Errorf("%+v: %w", o, err)
				}
				o.OK = true
				bag = append(bag, inHand{o, 1})
			}
			o.Ret = time.Now().UnixNano()
			say(o)
			continue
		}
		i := rng.IntN(len(bag))
		h := &bag[i]
		h.Do, h.Call, h.Ret, h.OK = next(rng, h.Do, h.Res), time.Now().UnixNano(), 0, false
		say(h.op)
		var err error
		if h.version, err = s.step(ctx, h.op, h.version); err != nil {
			return fmt.Errorf("%+v: %w", h.op, err)
		}
		h.Ret, h.OK = time.Now().UnixNano(), true
		say(h.op)
		if h.Do != "commit" && h.Do != "dispatch" {
			bag = append(bag[:i], bag[i+1:]...)
		}
	}
}

// clear gives back all that is still in somebody's hand, as a coordinator would on the
// day after.
func (s *site) clear(ctx context.Context, say func(op)) error {
	var taken []*assignment.Assignment
	err := s.assignments.Rows().Each(ctx, store.Query{Where: store.Is("state", string(assignment.Accepted)), Sort: "created"}, func(g *assignment.Assignment) error {
		taken = append(taken, g)
		return nil
	})
	if err != nil {
		return err
	}
	for _, g := range taken {
		if err := s.giveBack(ctx, op{Do: "release", Alc: strings.TrimPrefix(g.ID, "asg_"), Res: g.Volunteer}, 0, say); err != nil {
			return err
		}
	}
	for _, state := range []allocation.State{allocation.Held, allocation.Committed, allocation.Dispatched} {
		var open []*allocation.Allocation
		err := s.allocations.Rows().Each(ctx, store.Query{Where: store.Is("state", string(state)), Sort: "created"}, func(l *allocation.Allocation) error {
			open = append(open, l)
			return nil
		})
		if err != nil {
			return err
		}
		for _, l := range open {
			o := op{Do: "release", Alc: strings.TrimPrefix(l.ID, "alc_"), Res: l.Resource}
			if state == allocation.Dispatched {
				o.Do = "return"
			}
			if err := s.giveBack(ctx, o, l.Version, say); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *site) giveBack(ctx context.Context, o op, version int64, say func(op)) error {
	o.Call = time.Now().UnixNano()
	say(o)
	if _, err := s.step(ctx, o, version); err != nil {
		return fmt.Errorf("%+v: %w", o, err)
	}
	o.Ret, o.OK = time.Now().UnixNano(), true
	say(o)
	return nil
}

// audit compares the books of every resource with all allocations of it: nothing is left
// held, what was given is what arrived, and no more was given than there was.
func (s *site) audit(ctx context.Context, resources []string) error {
	arrived, held := map[string]int64{}, 0
	err := s.allocations.Rows().Each(ctx, store.Query{}, func(l *allocation.Allocation) error {
		arrived[l.Resource] += l.Arrived
		switch l.State() {
		case allocation.Held, allocation.Committed, allocation.Dispatched:
			held++
		case allocation.Delivered, allocation.Settled, allocation.Released, allocation.Returned, allocation.Lost:
		}
		return nil
	})
	if err != nil || held > 0 {
		return errors.Join(err, fmt.Errorf("%d allocations are open", held))
	}
	for _, id := range resources {
		if scarce[kindOf(id)].kind == hours {
			continue // nobody has any: clear would have failed
		}
		r, err := s.resources.Load(ctx, id)
		if err != nil {
			return err
		}
		var used int64
		for _, b := range r.Batches {
			used += b.Used
			if b.Used > b.Received {
				return fmt.Errorf("%s is oversold: %+v", id, b)
			}
		}
		if len(r.Batches) > 0 && used != r.Used {
			return fmt.Errorf("%s: %d given of batches, %d of all", id, used, r.Used)
		}
		if len(r.Holds) > 0 || r.Used != arrived[id] || r.Used > r.Total.Value && r.Per == "" {
			return fmt.Errorf("%s: %d arrived; the books: %d holds, %d given of %d", id, arrived[id], len(r.Holds), r.Used, r.Total.Value)
		}
	}
	return nil
}

// diary gathers what is said; an operation's end replaces its beginning.
type diary struct {
	mu   sync.Mutex
	ops  map[string]op
	done int
	away [2]int64      // from when to when there was no sure answer: an election
	at   int           // close many at so many
	many chan struct{} // ended operations
}

func newDiary(at int) *diary {
	return &diary{ops: map[string]op{}, at: at, many: make(chan struct{})}
}

func (d *diary) say(o op) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ops[o.Alc+" "+o.Do] = o
	if o.Ret > 0 {
		if d.done++; d.done == d.at {
			close(d.many)
		}
	}
}

// scale is how much a run does.
func scale(quick, long int) int {
	if n, err := strconv.Atoi(os.Getenv("LINKAGE_FIRE")); err == nil {
		return n
	}
	if storetest.Long() {
		return long
	}
	return quick
}

const (
	fireEnv  = "LINKAGE_FIRE_CHILD" // makes this test binary a process that plays: name, attempts, path, resources
	hourLong = time.Hour
)

func TestMain(m *testing.M) {
	if said := os.Getenv(fireEnv); said != "" {
		if err := child(strings.Split(said, " ")); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func child(args []string) error {
	ctx := context.Background()
	s, err := openSite(ctx, sqlite.New(sqlite.Config{Path: args[2]}))
	if err != nil {
		return err
	}
	attempts, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	var mu sync.Mutex
	out := json.NewEncoder(os.Stdout)
	err = s.play(ctx, args[0], 8, attempts, args[3:], hourLong, func(o op) {
		mu.Lock()
		defer mu.Unlock()
		_ = out.Encode(o)
	})
	return errors.Join(err, s.core.DB.Close())
}

// raid runs a process that plays on a file, and kills it after so many attempts; with 0
// it may end.
func raid(t *testing.T, d *diary, kill int, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), fireEnv+"="+strings.Join(args, " ")), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var o op
		if json.Unmarshal(lines.Bytes(), &o) != nil {
			continue // it died in the middle of a line
		}
		d.say(o)
		if o.Do != "hold" || o.Ret == 0 {
			continue
		}
		if ended++; ended == kill {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); (err != nil) != (kill > 0) {
		t.Fatalf("the process ended with %v", err)
	}
}

// TestUnderFireOnSQLite kills processes that fight over one file: what they had in hand is
// there for others to give back, nothing was given twice, and the whole history has an order.
func TestUnderFireOnSQLite(t *testing.T) {
	t.Parallel()
	attempts := scale(160, 100_000)
	rounds := max(1, attempts/2000)
	each := attempts / rounds
	began, made, tried, killed := time.Now(), 0, 0, 0
	path := filepath.Join(t.TempDir(), "fire.db")
	for round := range rounds {
		s, err := openSite(t.Context(), sqlite.New(sqlite.Config{Path: path}))
		if err != nil {
			t.Fatal(err)
		}
		ids, err := s.stock(t.Context(), fmt.Sprint("r", round))
		if err = errors.Join(err, s.core.DB.Close()); err != nil {
			t.Fatal(err)
		}
		d := newDiary(0)
		name := fmt.Sprint("r", round)
		raid(t, d, each/2, append([]string{name + "a", strconv.Itoa(each), path}, ids...)...)
		killed++
		raid(t, d, 0, append([]string{name + "b", strconv.Itoa(each - each/2), path}, ids...)...)
		if s, err = openSite(t.Context(), sqlite.New(sqlite.Config{Path: path})); err != nil {
			t.Fatal(err)
		}
		err = errors.Join(s.clear(t.Context(), d.say), s.audit(t.Context(), ids), s.core.DB.Close())
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		ops, tries := d.judge(t)
		made, tried = made+ops, tried+tries
		t.Logf("round %d: %d attempts, %d operations after %v", round, tried, made, time.Since(began).Round(time.Millisecond))
	}
	t.Logf("%d attempts, %d operations in %v, %d processes killed", tried, made, time.Since(began).Round(time.Millisecond), killed)
}

// TestUnderFireOnMongoDB lets two processes' worth of workers fight; the long run does it
// on three members and kills the primary in the middle of every tenth round.
func TestUnderFireOnMongoDB(t *testing.T) {
	t.Parallel()
	attempts, uri := scale(120, 100_000), ""
	var set *mongotest.Set
	if storetest.Long() {
		set = mongotest.Three(t)
		uri = set.URI()
	} else {
		uri = mongotest.URI(t)
	}
	var sites [2]*site
	for i := range sites {
		s, err := openSite(t.Context(), mongo.New(mongo.Config{URI: uri}))
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := s.core.DB.Close(); err != nil {
				t.Error(err)
			}
		}()
		sites[i] = s
	}
	rounds := max(1, attempts/2000)
	each := attempts / rounds / len(sites)
	began, made, tried, killed := time.Now(), 0, 0, 0
	for round := range rounds {
		ids, err := sites[0].stock(t.Context(), fmt.Sprint("r", round))
		if err != nil {
			t.Fatal(err)
		}
		d, ends := newDiary(each), make(chan error, len(sites))
		for i, s := range sites {
			go func() { ends <- s.play(t.Context(), fmt.Sprintf("r%ds%d", round, i), 8, each, ids, hourLong, d.say) }()
		}
		if set != nil && round%10 == 0 {
			select {
			case <-d.many:
				from := time.Now()
				at := set.KillPrimary()
				set.Primary()
				set.Restart(at)
				d.mu.Lock()
				d.away = [2]int64{from.UnixNano(), time.Now().UnixNano()}
				d.mu.Unlock()
				killed++
			case err := <-ends:
				t.Fatal("ended before the kill", err)
			}
		}
		for range sites {
			if err := <-ends; err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(sites[1].clear(t.Context(), d.say), sites[1].audit(t.Context(), ids)); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		ops, tries := d.judge(t)
		made, tried = made+ops, tried+tries
		t.Logf("round %d: %d attempts, %d operations after %v", round, tried, made, time.Since(began).Round(time.Millisecond))
	}
	t.Logf("%d attempts, %d operations in %v, %d primaries killed", tried, made, time.Since(began).Round(time.Millisecond), killed)
}

// TestHoldsThatLapseLeaveNothingBehind lets holds lapse under those who have them: what
// has lapsed is taken by others, and the sweeper gives the rest back.
func TestHoldsThatLapseLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	s, err := openSite(t.Context(), sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "lapse.db")}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.core.DB.Close(); err != nil {
			t.Error(err)
		}
	}()
	ids, err := s.stock(t.Context(), "lapse")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var taken atomic.Int64
	for w := range 8 {
		wg.Go(func() {
			for n := range scale(15, 2000) {
				o := op{Alc: fmt.Sprintf("w%dn%d", w, n), Res: ids[n%len(ids)], N: 1 + int64(n%4), Slot: n % slots}
				if scarce[kindOf(o.Res)].kind == hours {
					continue // taken for good
				}
				switch err := s.hold(t.Context(), o, 20*time.Millisecond); fault.CodeOf(err) {
				case fault.CodeStockShort:
				default:
					if err != nil {
						t.Error(err)
					}
					taken.Add(1)
				}
			}
		})
	}
	stop, swept := make(chan struct{}), make(chan error)
	go func() {
		for {
			_, err := s.allocations.Lapse(t.Context(), access.System("fire"))
			select {
			case <-stop:
				swept <- err
				return
			default:
			}
		}
	}()
	wg.Wait()
	close(stop)
	if err := <-swept; err != nil {
		t.Error(err)
	}
	for until := time.Now().Add(time.Minute); ; {
		if _, err := s.allocations.Lapse(t.Context(), access.System("fire")); err != nil {
			t.Fatal(err)
		}
		if err = s.audit(t.Context(), ids); err == nil || time.Now().After(until) {
			break
		}
	}
	if err != nil || taken.Load() < 20 {
		t.Errorf("%d taken: %v", taken.Load(), err)
	}
}
