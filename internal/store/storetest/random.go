package storetest

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

var randomCases = map[string]func(*testing.T, Engine){
	"random operations against a plain model": func(t *testing.T, e Engine) { Transcript(t, e, Seed(t), Operations()) },
}

// Seed is the seed of this run's random operations: LINKAGE_SEED to repeat one,
// else the time. It is printed, so that a failure can be repeated.
func Seed(t testing.TB) uint64 {
	t.Helper()
	seed := uint64(time.Now().UnixNano()) //nolint:gosec // any number will do
	if s := os.Getenv("LINKAGE_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("LINKAGE_SEED: %v", err)
		}
		seed = n
	}
	t.Logf("LINKAGE_SEED=%d", seed)
	return seed
}

// Long reports whether the long tests were asked for (LINKAGE_LONG=1).
func Long() bool { return os.Getenv("LINKAGE_LONG") == "1" }

// Operations is how many random operations a run makes.
func Operations() int {
	if Long() {
		return 20_000
	}
	return 600
}

// Transcript runs n random operations on an empty store and on a plain Go model,
// fails at the first difference, and returns every answer as canonical JSON: two
// engines with one seed have to give the same lines.
func Transcript(t testing.TB, e Engine, seed uint64, n int) []string {
	t.Helper()
	p := &play{bench: fresh(t, e), rng: rand.New(rand.NewPCG(seed, 1)), model: newModel()} //nolint:gosec // repeatable on purpose
	for i := range n {
		p.at = i
		p.clock.Advance(time.Duration(p.rng.IntN(5000)-500) * time.Millisecond)
		switch k := p.rng.IntN(100); {
		case k < 45:
			p.unit()
		case k < 80:
			p.find()
		case k < 86:
			p.getMany()
		case k < 93:
			p.readLog()
		case k < 97:
			p.asOf()
		default:
			p.counters()
		}
		if t.Failed() {
			t.Fatalf("operation %d of seed %d differs from the model", i, seed)
		}
	}
	p.logIsDense(len(p.model.log))
	return p.lines
}

// play is one run: the store, the model, and what was answered.
type play struct {
	*bench
	rng   *rand.Rand
	model *model
	at    int
	lines []string
}

func (p *play) say(what string, answer any) {
	p.lines = append(p.lines, strconv.Itoa(p.at)+" "+what+" "+canonical(answer))
}

func pick[T any](p *play, list ...T) T { return list[p.rng.IntN(len(list))] }

func (p *play) id() string { return "thg_" + strconv.Itoa(p.rng.IntN(30)) }

// some are up to n of the list, in order, sometimes with one twice.
func (p *play) some(list ...string) []string {
	out := []string{}
	for _, s := range list {
		if p.rng.IntN(2) == 0 {
			out = append(out, s)
		}
	}
	switch p.rng.IntN(8) {
	case 0:
		return nil
	case 1:
		return append(out, list[0])
	}
	return out
}

// fill gives a thing random content.
func (p *play) fill(x *Thing) {
	x.Station, x.State = pick(p, "sta_a", "sta_b", "sta_c"), pick(p, State("OPEN"), State("DONE"), State("open"))
	x.Title = pick(p, "", "送餐", "送药", "陪同就医", "Ab", "ab", "a\"b'c\\", "送")
	x.Code = pick(p, "", "", "", "c1", "c2", "c3", "C1", "c4", "c5", "c6")
	x.Badge = pick(p, "", "", "", "", "7", "8")
	x.Rank, x.Weight = int64(p.rng.IntN(7)-3), float64(p.rng.IntN(9))/8-0.5
	x.Due = start.Add(time.Duration(p.rng.IntN(4)) * time.Millisecond)
	x.Urgent = p.rng.IntN(2) == 0
	x.Parties, x.Words = p.some("p1", "p2", "p3"), p.some("送", "餐", "送餐", "药")
	x.Subject, x.Ward = pick(p, "", "rcp_1", "rcp_2"), pick(p, "", "rcp_2", "rcp_3")
	x.Private = Private{Name: "name of " + x.Subject, Phone: p.some("1", "2")}
	x.WardNote = Private{Name: "note on " + x.Ward}
}
