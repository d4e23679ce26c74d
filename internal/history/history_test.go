package history

import (
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/store"
)

// A reason says something of a person; who sees but that a row is there hears none.
func TestAReasonIsToldFromLimitedOn(t *testing.T) {
	t.Parallel()
	e := &store.Entry{Kind: "recipient.erased", Reason: "CONSENT_WITHDRAWN"}
	for _, mask := range []access.Mask{access.Blind, access.Limited, access.Contact, access.Full} {
		got := entry(&store.Definition{}, e, nil, mask).Reason
		if (got != nil) != (mask >= access.Limited) || got != nil && *got != (codes.Code{List: codes.ErasureReason, ID: "CONSENT_WITHDRAWN"}) {
			t.Errorf("mask %v: %v", mask, got)
		}
	}
	e.Kind, e.Reason = "claim.released", "TAKEN_OVER"
	if got := entry(&store.Definition{}, e, nil, access.Blind).Reason; got == nil || got.ID != "TAKEN_OVER" {
		t.Errorf("a claim, which tells its reason itself: %v", got)
	}
}
