package request

import (
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/measure"
)

func ptr[T any](v T) *T { return &v }

// What the log says of a request's open needs changes with all that a reader is shown of
// them, and with nothing else.
func TestOpenNeedsInTheLog(t *testing.T) {
	t.Parallel()
	window := &measure.Window{From: time.Unix(0, 0).UTC(), To: time.Unix(3600, 0).UTC()}
	made := func(change func(*Request)) string {
		r := &Request{Window: window, Urgency: Normal, Lines: []Line{
			{ID: "nl_a", Kind: KindGoods, Category: "MEAL_DELIVERY", Need: measure.Quantity{Value: 10, Unit: measure.Piece}},
			{ID: "nl_b", Kind: KindHours, Need: measure.Quantity{Value: 60, Unit: measure.Minute}},
		}}
		r.Header.State, r.Header.Class = string(Matching), access.Restricted
		if change != nil {
			change(r)
		}
		return r.openLines()
	}
	plain := made(nil)
	if again := made(func(r *Request) { w := *window; r.Window, r.Private.Title, r.Lead = &w, "午餐", "wrk_a" }); again != plain {
		t.Errorf("it follows what is not shown: %q, %q", plain, again)
	}
	for name, change := range map[string]func(*Request){
		"held":      func(r *Request) { r.Lines[0].Promise(Promise{ID: "alc_a", Stage: Held, Value: 4}) },
		"claimed":   func(r *Request) { r.Lines[0].Claim(LineClaim{ID: "clm_a", By: "org_a", Value: 4, Granted: true}) },
		"more":      func(r *Request) { r.Lines[0].Need.Value = 12 },
		"window":    func(r *Request) { r.Lines[1].Window = &measure.Window{From: window.From, To: window.To.Add(time.Hour)} },
		"skills":    func(r *Request) { r.Lines[1].Skills = []string{"COOKING"} },
		"category":  func(r *Request) { r.Category = "HOME_CARE" },
		"title":     func(r *Request) { r.edit(ChangeInput{Title: ptr("晚餐")}, &words{}, time.Unix(0, 0)) },
		"note":      func(r *Request) { r.edit(ChangeInput{Note: ptr("先打电话")}, &words{}, time.Unix(0, 0)) },
		"of a line": func(r *Request) { r.entitle("nl_a", "午餐") },
		"urgency":   func(r *Request) { r.Urgency = High },
		"class":     func(r *Request) { r.Header.Class = access.Protected },
		"covered":   func(r *Request) { r.Lines[0].Promise(Promise{ID: "alc_a", Stage: Committed, Value: 10}) },
		"ended":     func(r *Request) { r.Lines[1].Ended = LineShort },
		"arranged":  func(r *Request) { r.Header.State = string(Arranged) },
	} {
		if made(change) == plain {
			t.Errorf("%s: nothing tells of it", name)
		}
	}
	if got := made(func(r *Request) { r.edit(ChangeInput{Title: ptr("")}, &words{}, time.Unix(0, 0)) }); got != plain {
		t.Errorf("the same words are told: %q", got)
	}
	if got := made(func(r *Request) { r.Lines[0].Claim(LineClaim{ID: "clm_a", By: "org_a", Value: 4}) }); got != plain {
		t.Errorf("a claim that waits is told: %q", got)
	}
}

// Whoever names the same kinds follows the same, in whatever order.
func TestTheSameKindsAreOneName(t *testing.T) {
	t.Parallel()
	name := func(kinds ...Kind) string { return NeedsInput{Kinds: kinds}.PartsName() }
	given := []Kind{KindService, KindGoods}
	if name(given...) != name(KindGoods, KindService, KindGoods) || given[0] != KindService {
		t.Error("order or repetition makes another name, or is lost")
	}
	if name(KindGoods) == name(KindService) || name() == name(KindGoods) {
		t.Error("other kinds have one name")
	}
}
