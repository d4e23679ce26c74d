package e2e

import (
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/history"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
)

// TestEveryReasonInTheLogIsACode: the log outlives the person, so no entry says why in
// words of its own. The log is that of the demonstration world, of a thread at each of
// its stages, and of what else is ended for a reason.
func TestEveryReasonInTheLogIsACode(t *testing.T) {
	t.Parallel()
	e, _ := fresh(t)
	e.endForReasons(t)
	given, seen := map[string]bool{}, int64(0)
	for {
		entries, err := e.Core.DB.Log(t.Context(), store.LogQuery{After: seen})
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == 0 {
			break
		}
		for _, entry := range entries {
			given[entry.Kind] = given[entry.Kind] || entry.Reason != ""
			if list := history.ReasonList(entry.Kind); entry.Reason != "" && !codes.Known(list, entry.Reason) {
				t.Errorf("%s %s says %q, which is no %s", entry.Kind, entry.ID, entry.Reason, list)
			}
			seen = entry.Seq
		}
	}
	for _, kind := range []string{"recipient.erased", "account.revoked", "request.declined", "request.held", "request.cancelled", "request.disputed", "allocation.released"} {
		if !given[kind] {
			t.Errorf("no %s gives a reason, of %d entries", kind, seen)
		}
	}
}

// endForReasons ends what no thread does: a person's data, a station, a role.
func (e *env) endForReasons(t *testing.T) {
	t.Helper()
	ctx, sys := t.Context(), access.System("test")
	community := e.names["community"].(string)
	v, _, err := e.Recipients.Register(ctx, sys, recipient.Register{Name: "孟示例", Category: "RESIDENT", CommunityID: community})
	if err == nil {
		_, _, err = e.Recipients.Erase(ctx, sys, recipient.Erase{RecipientID: v.ID, Reason: "SUBJECT_REQUEST", ExpectedVersion: v.Version})
	}
	if err != nil {
		t.Fatal(err)
	}
	st, _, err := e.Stations.Create(ctx, sys, station.Create{Name: "示例站", Kind: station.Volunteer, Level: station.Street, DivisionID: e.names["street"].(string)})
	if err == nil {
		_, _, err = e.Stations.Close(ctx, sys, station.Close{StationID: st.ID, Note: "搬到孟示例家隔壁", ExpectedVersion: st.Version})
	}
	if err != nil {
		t.Fatal(err)
	}
	acc, err := e.Accounts.Get(ctx, sys, e.names["accounts.admin-2"].(string))
	if err == nil {
		_, _, err = e.Accounts.RoleRevoke(ctx, sys, account.RoleRevoke{GrantID: acc.Grants[0].ID, Reason: "COMPLAINT"})
	}
	if err != nil {
		t.Fatal(err)
	}
}
