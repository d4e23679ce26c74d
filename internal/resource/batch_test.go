package resource

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
)

const aDay = 24 * time.Hour

// batched are goods of batches; each is how much came in and in how many days it goes
// off, 0 for never.
func batched(t interface{ Fatal(...any) }, batches ...[2]int64) *Resource {
	r := onOffer(Goods, batches[0][0])
	r.ID, r.ExpiresAt = "res_x", dayN(batches[0][1])
	for _, b := range batches[1:] {
		if err := r.receive(Batch{Received: b[0], ExpiresAt: dayN(b[1])}); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func dayN(days int64) time.Time {
	if days == 0 {
		return time.Time{}
	}
	return noon.Add(time.Duration(days) * aDay)
}

func promise(t *testing.T, r *Resource, id string, n int64, at time.Time) string {
	t.Helper()
	want(t, id, r.Hold(Hold{AllocationID: id, Value: n, At: at, Until: noon.Add(time.Hour)}, noon), "")
	want(t, id, r.Commit(Hold{AllocationID: id, Value: n, At: at}, noon), "")
	return told(r.Parts(id))
}

func told(parts []Part) (out string) {
	for _, p := range parts {
		out += fmt.Sprintf("%s:%d ", p.Batch[len("bch_x."):], p.Value)
	}
	return out
}

func TestWhatGoesOffFirstIsGivenFirst(t *testing.T) {
	t.Parallel()
	r := batched(t, [2]int64{10, 0}, [2]int64{5, 9}, [2]int64{4, 3}, [2]int64{3, 9})
	for _, c := range []struct {
		n    int64
		at   time.Time
		want string
	}{
		{6, time.Time{}, "3:4 2:2 "},
		{1, dayN(3), "2:1 "}, // the third has gone off by then
		{6, dayN(8), "2:2 4:3 1:1 "},
		{9, dayN(9), "1:9 "},
	} {
		if got := promise(t, r, fmt.Sprint(c.n, c.at), c.n, c.at); got != c.want {
			t.Errorf("%d at %s: %s, want %s", c.n, c.at, got, c.want)
		}
	}
	want(t, "nothing is left", r.Hold(Hold{AllocationID: "x", Value: 1, Until: dayN(1)}, noon), fault.CodeStockShort)
	if r.State() != Published || r.Total.Value != 22 || r.Free(noon) != 0 {
		t.Errorf("%+v", r)
	}
}

func TestAHoldForLaterKeepsWhatIsGoodThen(t *testing.T) {
	t.Parallel()
	r := batched(t, [2]int64{5, 2}, [2]int64{5, 8})
	want(t, "all that is good later", r.Hold(Hold{AllocationID: "later", Value: 5, At: dayN(5), Until: dayN(1)}, noon), "")
	if free := [3]int64{r.Free(noon), r.FreeAt(dayN(2), noon), r.FreeAt(dayN(5), noon)}; free != [3]int64{5, 0, 0} {
		t.Errorf("free %v", free)
	}
	want(t, "more than the other batch", r.Hold(Hold{AllocationID: "now", Value: 6, Until: dayN(1)}, noon), fault.CodeStockShort)
	if got := promise(t, r, "now", 5, time.Time{}) + promise(t, r, "later", 5, dayN(5)); got != "1:5 2:5 " {
		t.Error(got)
	}
	r = batched(t, [2]int64{5, 2}, [2]int64{5, 8})
	want(t, "held for now", r.Hold(Hold{AllocationID: "a", Value: 2, Until: dayN(4)}, noon), "")
	err := r.Commit(Hold{AllocationID: "a", Value: 2}, dayN(2))
	want(t, "another batch when one has gone off", err, "")
	if r.GoodUntil(9, noon) != r.ExpiresAt || r.GoodUntil(8, noon) != dayN(2) || r.GoodUntil(3, noon) != dayN(8) {
		t.Errorf("good until %s, %s", r.GoodUntil(8, noon), r.GoodUntil(3, noon))
	}
}

func TestACalledBackBatchGivesNothingMore(t *testing.T) {
	t.Parallel()
	r := batched(t, [2]int64{10, 3}, [2]int64{6, 9})
	promise(t, r, "sent", 2, time.Time{})
	r.Send("sent")
	promise(t, r, "first", 5, time.Time{})
	promise(t, r, "second", 3, time.Time{})
	want(t, "held", r.Hold(Hold{AllocationID: "held", Value: 4, Until: dayN(1)}, noon), "")
	changed, err := r.callBack("bch_x.1", "UNSAFE", noon)
	want(t, "called back", err, "")
	var got []string
	for _, h := range changed {
		got = append(got, fmt.Sprint(h.AllocationID, " ", h.Value, " ", told(h.Parts)))
	}
	if fmt.Sprint(got) != "[first 5 2:5  second 1 2:1  held 0 ]" {
		t.Errorf("changed %v", got)
	}
	if told(r.Parts("sent")) != "1:2 " || r.Free(noon) != 0 || r.Held(noon) != 0 || r.stock(noon).Unusable != 8 || r.ExpiresAt != dayN(9) {
		t.Errorf("%+v", r.stock(noon))
	}
	want(t, "what was sent arrives in part", r.Consume("sent", 1, 0), "")
	if r.Free(noon) != 0 || r.Batches[0].Used != 1 {
		t.Errorf("what came back of it is free: %+v", r)
	}
	_, err = r.callBack("bch_x.1", "UNSAFE", noon)
	want(t, "again", err, fault.CodeResourceUnavailable)
	_, err = r.callBack("bch_x.7", "UNSAFE", noon)
	want(t, "none", err, fault.CodeNotFound)
	want(t, "more comes in", r.receive(Batch{Received: 3}), "")
	if r.Free(noon) != 3 || !r.ExpiresAt.IsZero() {
		t.Errorf("%+v", r)
	}
}

func TestABatchsIDTellsItsResource(t *testing.T) {
	t.Parallel()
	r := batched(t, [2]int64{1, 0}, [2]int64{1, 0})
	if id, n := BatchOf(r.Batches[1].ID); id != r.ID || n != 1 {
		t.Errorf("%s, %d", id, n)
	}
	for _, id := range []string{"", "bch_x", "bch_x.", "bch_x.0", "bch_x.-1", "bch_x.a"} {
		if got, _ := BatchOf(id); got != "" {
			t.Errorf("%q is one of %s", id, got)
		}
	}
}

// Whatever is done in whatever order: the sums over batches are the stock, no batch gives
// more than came in, nothing is promised of what has gone off or was called back, what
// goes off first is promised first, and every live hold can be promised while nothing
// goes off.
func TestBatchesAddUpToTheStock(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		day := func(name string) int64 { return rapid.Int64Range(0, 6).Draw(t, name) }
		r := batched(t, [2]int64{rapid.Int64Range(1, 9).Draw(t, "first"), day("goes off")}, [2]int64{rapid.Int64Range(1, 9).Draw(t, "second"), day("goes off")})
		now := noon
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			id := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "id")
			h := Hold{AllocationID: id, Value: rapid.Int64Range(1, 8).Draw(t, "value"), At: dayN(day("needed")), Until: now.Add(time.Duration(day("lasts")+1) * 6 * time.Hour)}
			switch rapid.IntRange(0, 8).Draw(t, "do") {
			case 0, 1, 2:
				if i := r.find(id); i < 0 || !r.Holds[i].promised() {
					_ = r.Hold(h, now)
				}
			case 3:
				if i := r.find(id); i >= 0 && !r.Holds[i].promised() {
					h.Value, h.At = r.Holds[i].Value, r.Holds[i].At
					if r.Commit(h, now) == nil {
						first(t, r, id, now)
					}
				}
			case 4:
				r.Release(id)
			case 5:
				_ = r.Consume(id, rapid.Int64Range(0, 8).Draw(t, "given"), rapid.Int64Range(0, 8).Draw(t, "lost"))
			case 6:
				r.Send(id)
			case 7:
				recalled(t, r, now)
			case 8:
				if rapid.Bool().Draw(t, "time passes") {
					now = now.Add(8 * time.Hour)
				} else {
					_ = r.receive(Batch{Received: h.Value, ExpiresAt: dayN(day("goes off"))})
				}
			}
			addsUp(t, r, now)
		}
	})
}

func addsUp(t *rapid.T, r *Resource, now time.Time) {
	var received, used, lost, left int64
	for i := range r.Batches {
		b := &r.Batches[i]
		if r.left(b) < 0 || b.Used < 0 || b.Lost < 0 {
			t.Fatalf("oversold: %+v of %+v", b, r)
		}
		received, used, lost, left = received+b.Received, used+b.Used, lost+b.Lost, left+r.left(b)
	}
	s := r.stock(now)
	if received != s.Total || used != s.Delivered || lost != s.Lost || left != s.Total-s.Delivered-s.Lost-s.Committed {
		t.Fatalf("batches are %d in, %d given, %d lost, %d left; the stock is %+v", received, used, lost, left, s)
	}
	if s.Free < 0 || s.Held < 0 || s.Unusable < 0 || s.Free > r.goodAt(now) {
		t.Fatalf("%+v", s)
	}
	for _, h := range r.Holds {
		if h.promised() && sum(h.Parts) != h.Value {
			t.Fatalf("%+v is not all of batches", h)
		}
	}
}

// first fails if something was promised that a batch which goes off sooner could have given.
func first(t *rapid.T, r *Resource, id string, now time.Time) {
	h := r.Holds[r.find(id)]
	for _, p := range h.Parts {
		b := r.batch(p.Batch)
		if !b.good(clock.Later(h.At, now)) {
			t.Fatalf("%+v was promised of %+v", h, b)
		}
		for i := range r.Batches {
			if o := &r.Batches[i]; o.good(clock.Later(h.At, now)) && o.sooner(b) < 0 && r.left(o) > 0 {
				t.Fatalf("%+v was promised of %+v before %+v", h, b, o)
			}
		}
	}
}

// recalled calls a batch back and fails if anything unsent still stands on it, or lost
// more than it had to.
func recalled(t *rapid.T, r *Resource, now time.Time) {
	id := r.Batches[rapid.IntRange(0, len(r.Batches)-1).Draw(t, "batch")].ID
	was := map[string]int64{}
	for _, h := range r.Holds {
		was[h.AllocationID] = h.Value
	}
	changed, err := r.callBack(id, "UNSAFE", now)
	if err != nil {
		return
	}
	for _, h := range changed {
		if free := r.FreeAt(h.At, now); h.Value < was[h.AllocationID] && free > 0 {
			t.Fatalf("%+v lost something of %d, with %d free", h, was[h.AllocationID], free)
		}
	}
	for _, h := range r.Holds {
		if h.promised() && !h.Sent && slices.ContainsFunc(h.Parts, func(p Part) bool { return p.Batch == id }) {
			t.Fatalf("%+v stands on %s", h, id)
		}
	}
	test := *r // every hold that is left can be promised, in any order
	order := rapid.Permutation(r.Holds).Draw(t, "order")
	for _, h := range order {
		if !h.promised() {
			if err := test.Commit(h, now); err != nil {
				t.Fatalf("%+v can't be promised: %v", h, err)
			}
		}
	}
}
