package platform_test

import (
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/directory"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit"
)

// A station takes along who belongs to it and the roles at it: in the headers by which
// everybody sees them, in the same unit. Who asks for a time before finds the old place.
func TestAMovedStationTakesItsPeopleAlong(t *testing.T) {
	t.Parallel()
	p, c := all(t)
	st, _, err := p.Stations.Create(ctx, system, station.Create{Name: "示例站", Kind: station.SocialWork, Level: station.Street, DivisionID: "div_130202001000"})
	testkit.WantCode(t, err, "")
	w, _, err := p.Workers.Create(ctx, system, socialworker.Create{Name: "孟示例", StationID: st.ID})
	testkit.WantCode(t, err, "")
	acc, _, err := p.Accounts.Create(ctx, system, account.Create{Name: "desk-1", DisplayName: "协调员", Password: "竹筒倒豆子 correct"})
	testkit.WantCode(t, err, "")
	_, _, err = p.Accounts.RoleGrant(ctx, system, account.RoleGrant{AccountID: acc.ID, Role: access.Coordinator, ScopeID: st.ID})
	testkit.WantCode(t, err, "")
	before := c.Now()
	c.Advance(time.Second)
	testkit.WantCode(t, p.Directory.Relocate(ctx, system, directory.MoveInput{NodeID: st.ID, ToID: "div_130202102000", ExpectedVersion: 1}), "")

	row, err := p.Workers.Load(ctx, w.ID)
	if err != nil || row.Header.Town != testkit.Town || row.Header.Station != st.ID || row.Version != 1 {
		t.Errorf("the worker is at %+v, version %d: %v", row.Header, row.Version, err)
	}
	desk, err := p.Accounts.Load(ctx, acc.ID)
	if err != nil || desk.Grants[0].Code != testkit.Town || desk.Grants[0].Area != testkit.Town {
		t.Errorf("the role is over %+v: %v", desk.Grants, err)
	}
	was, err := p.Core.DB.Log(ctx, store.LogQuery{Noun: "station", ID: st.ID})
	testkit.WantCode(t, err, "")
	if n := len(was); n != 2 || was[0].At.After(before) || was[1].Kind != "station.moved" {
		t.Errorf("the log: %+v", was)
	}
	then, err := p.Stations.Rows().Past(was[0])
	if err != nil || then.Code() != testkit.Street {
		t.Errorf("before: %+v, %v", then, err)
	}
}
