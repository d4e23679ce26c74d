package server

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql/executor"
)

// largest is the longest document that is looked at.
const largest = 64 << 10

// candidate is a document and what it takes to accept or refuse it.
type candidate struct {
	text string
	took time.Duration
}

// The search for the dearest document: the worst ones known are cut, repeated, joined and
// renamed for a fixed number of steps, and what takes longest goes on. It reports the
// worst; LINKAGE_LONG searches longer. The time is the thread's own, so that a busy
// machine changes little; the bound is wide for the race detector's sake.
func TestSearchForTheDearestDocument(t *testing.T) {
	steps := 150
	if os.Getenv("LINKAGE_LONG") != "" {
		steps = 4_000
	}
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 0))
	e := limited()
	var known []candidate
	for _, docs := range []map[string]string{hostile(), barely()} {
		for _, text := range docs {
			known = append(known, candidate{text, takes(e, text)})
		}
	}
	for range steps {
		slices.SortFunc(known, func(a, b candidate) int { return int(b.took - a.took) })
		known = known[:min(len(known), 24)]
		text := mutate(rnd, known[rnd.IntN(len(known))].text, known[rnd.IntN(len(known))].text)
		known = append(known, candidate{text, takes(e, text)})
	}
	worst := slices.MaxFunc(known, func(a, b candidate) int { return int(a.took - b.took) })
	t.Logf("seed %d, %d steps: the dearest takes %v, %d bytes: %.120s", seed, steps, worst.took, len(worst.text), worst.text)
	if worst.took > 150*time.Millisecond {
		t.Errorf("seed %d: %v for %d bytes: %s", seed, worst.took, len(worst.text), worst.text)
	}
}

// takes is the least of three tries, each unknown to the caches.
func takes(e *executor.Executor, text string) time.Duration {
	runtime.LockOSThread() // the time is one thread's
	defer runtime.UnlockOSThread()
	least := time.Hour
	for i := range 3 {
		from := onCPU()
		_ = create(e, fmt.Sprintf("%s #%d", text, i))
		least = min(least, onCPU()-from)
	}
	return least
}

// onCPU is how long this thread, or where the system can't tell the process, has worked.
func onCPU() time.Duration {
	var used syscall.Rusage
	const thread = 1
	if syscall.Getrusage(thread, &used) != nil {
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// mutate makes another document of one or two.
func mutate(rnd *rand.Rand, text, other string) string {
	cut := func(s string) (from, to int) {
		from = rnd.IntN(len(s) + 1)
		return from, from + rnd.IntN(min(len(s)-from, 1+rnd.IntN(400))+1)
	}
	from, to := cut(text)
	part := text[from:to]
	switch rnd.IntN(6) {
	case 0: // repeat a part
		part = strings.Repeat(part, 1+rnd.IntN(200))
	case 1: // a part of another
		a, b := cut(other)
		part = other[a:b] + part
	case 2: // leave it out
		part = ""
	case 3: // repeat what stands between two brackets, so that it still parses
		if open := strings.IndexByte(text[from:], '{'); open >= 0 {
			from += open
			if end := strings.IndexByte(text[from:], '}'); end > 0 {
				to = from + end
				part = "{" + strings.Repeat(text[from+1:to]+" ", 1+rnd.IntN(60))
			} else {
				to = from
				part = ""
			}
		}
	case 4: // one level more
		part = "{thing" + part + "}"
	case 5: // another name
		part = strings.Replace(part, ":", fmt.Sprintf("%d:", rnd.IntN(100)), 1+rnd.IntN(5))
	}
	out := text[:from] + part + text[to:]
	return out[:min(len(out), largest)]
}

// Whatever a document is, it is accepted or refused with a code; nothing panics.
func FuzzDocument(f *testing.F) {
	for _, docs := range []map[string]string{hostile(), barely()} {
		for _, text := range docs {
			f.Add(text[:min(len(text), 2000)])
		}
	}
	for _, text := range []string{"", "{", "\ufeff{who}", `{thing(id:"""x""")}`, "{who}#\x00", "query($a:[[ID!]]={x:[1,$b]}){who}", "fragment on on on{who}", "{...on}", "{__schema{types{...a}}} fragment a on __Type{fields{type{...a}}}"} {
		f.Add(text)
	}
	e := limited()
	f.Fuzz(func(_ *testing.T, text string) { _ = create(e, text) })
}

// Whatever an Accept header is, one of the types that there are comes of it, or none.
func FuzzAccept(f *testing.F) {
	for _, header := range []string{"", "*/*", "a/b;q=1;q=2", "application/json;q=1e-9", "application/json;q=NaN", ",,;=", "application/*;q=\"0.5\""} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if kind, ok := negotiated([]string{header}); ok && !slices.Contains(offered, kind) {
			t.Errorf("%q: %q", header, kind)
		}
	})
}
