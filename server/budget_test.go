package server

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

func TestWhatIsSpentIsToldAndComesBack(t *testing.T) {
	t.Parallel()
	p := newPurses(10, 100) // 600 at once
	now := time.Now()
	left, giveBack, err := p.take("a", 550, now)
	if err != nil || *left != 50 {
		t.Fatalf("%v %v", left, err)
	}
	if _, _, err := p.take("a", 75, now); fault.CodeOf(err) != fault.CodeRateLimited || !strings.Contains(err.Error(), "seconds=3") {
		t.Errorf("25 too many, at 10 a second: %v", err)
	}
	if _, _, err := p.take("b", 600, now); err != nil {
		t.Errorf("another pays for it: %v", err)
	}
	if _, _, err := p.take("a", 75, now.Add(3*time.Second)); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	giveBack()
	if left, _, err := newPurses(1, 5000).take("a", 5000, now); err != nil || *left != 0 {
		t.Errorf("the dearest query: %v %v", left, err)
	}
	for i := range pursesKept + 10 {
		p.of(strconv.Itoa(i))
	}
	if p.keys.Len() != pursesKept {
		t.Errorf("%d purses are kept", p.keys.Len())
	}
}

func TestTheBudgetOverHTTP(t *testing.T) {
	t.Parallel()
	f := served(t, HTTP{}, func(f *face) error {
		f.limits = NewLimits(Limits{Cost: 1000, ActorCost: 1, AddressCost: 40}) // 1,000 and 2,400 at once
		return nil
	})
	const dear = "{things(first:100){nodes{id name}}}" // 301
	r := f.query(t, "query A"+dear)
	if want := `"extensions":{"cost":{"requested":301,"remaining":699}}`; !strings.Contains(r.body, want) {
		t.Errorf("the bill: %s", r.body)
	}
	for i := range 2 {
		f.query(t, "query B"+strconv.Itoa(i)+dear)
	}
	r = f.query(t, "query C"+dear)
	wait, err := strconv.Atoi(r.header.Get("Retry-After"))
	if r.status != 429 || r.code() != "RATE_LIMITED" || err != nil || wait < 190 || wait > 204 || r.Data != nil {
		t.Errorf("spent: %d %q %s", r.status, r.header.Get("Retry-After"), r.body)
	}
	if r := f.query(t, "{who}"); r.Data["who"] != "//zh" {
		t.Errorf("what is cheap still passes: %s", r.body)
	}
	for i := range 7 { // others behind the address have purses of their own, and one together
		_, s := f.token(t, "person"+strconv.Itoa(i))
		r = f.query(t, "query D"+dear, "Authorization", "Bearer "+s.AccessToken)
	}
	if r.status != 429 {
		t.Errorf("all behind one address: %d %s", r.status, r.body)
	}
}
