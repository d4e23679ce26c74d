package matching

import (
	"fmt"
	"testing"

	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
)

// What a granted claim speaks for is put to nobody but who claimed it: the line would be
// filled twice.
func TestWhatIsClaimedIsPutToWhoClaimedIt(t *testing.T) {
	t.Parallel()
	owner := &organisation.Organisation{Credit: organisation.Normal}
	owner.Header.State = string(organisation.Admitted)
	for _, c := range []struct {
		what   string
		claim  request.LineClaim
		asked  waiting
		claims string // what can be put to who claims, and to another: quantity and rule that fails
		others string
		board  int64 // what a plan still looks for
	}{
		{"nothing is claimed", request.LineClaim{}, nil, "10 ", "10 ", 10},
		{"a claim waits for the station", request.LineClaim{Value: 6}, nil, "10 ", "10 ", 10},
		{"it is granted", request.LineClaim{Value: 6, Granted: true}, nil, "10 ", "4 ", 4},
		{"it is for all", request.LineClaim{Value: 10, Granted: true}, nil, "10 ", "0 QUANTITY", 0},
		{"a part of it is proposed", request.LineClaim{Value: 6, Granted: true}, waiting{"org_claims": 5}, "5 ", "4 ", 4},
		{"others have proposed", request.LineClaim{Value: 6, Granted: true}, waiting{"org_else": 4}, "6 ", "0 QUANTITY", 0},
	} {
		line := request.Line{ID: "nl_1", Kind: request.KindGoods, Category: "MEAL_DELIVERY", Need: measure.Quantity{Value: 10, Unit: measure.Piece}}
		if c.claim.Value > 0 {
			c.claim.ID, c.claim.By = "clm_1", "org_claims"
			line.Claim(c.claim)
		}
		left := c.asked.on(&line)
		put := func(by string) string {
			res := &resource.Resource{Head: store.Head{ID: "res_1"}, Owner: by, Kind: resource.Goods, Category: "MEAL_DELIVERY", Total: measure.Quantity{Value: 99, Unit: measure.Piece}, Area: "13"}
			res.Header.State = string(resource.Published)
			w, _ := pair{by: usual, request: &request.Request{Place: "130202001001"}, line: left, resource: res, owner: owner, now: monday}.weigh()
			rule := ""
			for _, f := range w.Failures {
				rule += f.Rule
			}
			return fmt.Sprint(w.Quantity.Value, " ", rule)
		}
		if got := put("org_claims"); got != c.claims {
			t.Errorf("%s: %q for who claims, want %q", c.what, got, c.claims)
		}
		if got := put("org_other"); got != c.others {
			t.Errorf("%s: %q for another, want %q", c.what, got, c.others)
		}
		if got := left.Claimable(monday); got != c.board {
			t.Errorf("%s: a plan looks for %d, want %d", c.what, got, c.board)
		}
	}
}
