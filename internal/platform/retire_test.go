package platform_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/directory"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// all is a platform of its own with every noun.
func all(t *testing.T) (*platform.Platform, *clock.Manual) {
	t.Helper()
	c := clock.NewManual(testkit.Start)
	p, err := platform.Open(ctx, platform.Config{Adapter: sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "p.db")}), Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, c
}

var system = access.System("test")

func retire(t *testing.T, p *platform.Platform, id string, version int64) {
	t.Helper()
	if err := p.Directory.Retire(ctx, system, directory.Retire{NodeID: id, Reason: "OTHER", ExpectedVersion: version}); err != nil {
		t.Fatal(err)
	}
}

func restore(t *testing.T, p *platform.Platform, id string, version int64) {
	t.Helper()
	if err := p.Directory.Restore(ctx, system, directory.Restore{NodeID: id, ExpectedVersion: version}); err != nil {
		t.Fatal(err)
	}
}

func TestARetiredCommunityTakesNothingInAndIsLeftOutOfLists(t *testing.T) {
	t.Parallel()
	p, _ := all(t)
	id, other := community.ID(testkit.Community1), community.ID(testkit.Community2)
	retire(t, p, id, 1)
	_, _, err := p.Volunteers.Register(ctx, system, volunteer.Register{Name: "孟示例", BornOn: "1990-05-04", CommunityID: id, ReachMetres: 1000})
	testkit.WantCode(t, err, fault.CodeRetired)
	_, _, err = p.Communities.Change(ctx, system, community.Change{CommunityID: id, Name: ptr("新名"), ExpectedVersion: 2})
	testkit.WantCode(t, err, fault.CodeRetired)
	listed := func(f community.Filter) (ids []string, total *int) {
		t.Helper()
		page, err := p.Communities.List(ctx, access.Nobody(), f, usecase.Paging{First: ptr(3)})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Rows {
			ids = append(ids, v.ID)
		}
		return ids, page.Total
	}
	town := "div_130202001000"
	if got, total := listed(community.Filter{}); *total != 6303 {
		t.Errorf("%d in use: %v", *total, got)
	}
	if got, _ := listed(community.Filter{DivisionID: &town}); len(got) == 0 || got[0] == id {
		t.Errorf("in use: %v", got)
	}
	retire(t, p, other, 1)
	for name, f := range map[string]community.Filter{
		"all": {Retired: ptr(true)}, "of the street": {Retired: ptr(true), DivisionID: &town}, "by name": {Retired: ptr(true), DivisionID: &town, Search: ptr("社区")},
	} {
		if got, total := listed(f); len(got) != 2 || total != nil {
			t.Errorf("%s: %v, %v", name, got, total)
		}
	}
	restore(t, p, id, 2)
	if got, _ := listed(community.Filter{Retired: ptr(true)}); len(got) != 1 || got[0] != other {
		t.Errorf("still retired: %v", got)
	}
	if _, total := listed(community.Filter{}); *total != 6303 {
		t.Errorf("%d in use at the end", *total)
	}
}

// A sanction outlives a retirement, and so does a leave; nobody comes back to work by
// being restored.
func TestARestoredVolunteerIsNotAtWork(t *testing.T) {
	t.Parallel()
	p, c := all(t)
	for name, s := range map[string]struct {
		before func(ctx context.Context, id string) (*volunteer.View, []usecase.Notice, error)
		want   volunteer.State
	}{
		"at work": {nil, volunteer.Verified},
		"paused": {func(ctx context.Context, id string) (*volunteer.View, []usecase.Notice, error) {
			return p.Volunteers.Pause(ctx, system, volunteer.Simple{VolunteerID: id, ExpectedVersion: 3})
		}, volunteer.Verified},
		"suspended": {func(ctx context.Context, id string) (*volunteer.View, []usecase.Notice, error) {
			return p.Volunteers.Suspend(ctx, system, volunteer.Suspend{VolunteerID: id, Reason: "COMPLAINT", ExpectedVersion: 3})
		}, volunteer.Suspended},
		"left": {func(ctx context.Context, id string) (*volunteer.View, []usecase.Notice, error) {
			return p.Volunteers.Exit(ctx, system, volunteer.Simple{VolunteerID: id, ExpectedVersion: 3})
		}, volunteer.Exited},
	} {
		v, _, err := p.Volunteers.Register(ctx, system, volunteer.Register{Name: "孟示例", BornOn: "1990-05-04", CommunityID: community.ID(testkit.Community1), ReachMetres: 1000})
		testkit.WantCode(t, err, "")
		_, _, err = p.Volunteers.Verify(ctx, system, volunteer.Verify{VolunteerID: v.ID, Evidence: "示例", ExpectedVersion: 1})
		testkit.WantCode(t, err, "")
		v, _, err = p.Volunteers.Activate(ctx, system, volunteer.Simple{VolunteerID: v.ID, ExpectedVersion: 2})
		testkit.WantCode(t, err, "")
		if s.before != nil {
			v, _, err = s.before(ctx, v.ID)
			testkit.WantCode(t, err, "")
		}
		retire(t, p, v.ID, v.Version)
		gone, err := p.Volunteers.Get(ctx, system, v.ID)
		if err != nil || gone.State != volunteer.Exited || gone.Retirement == nil || !gone.Retirement.At.Equal(c.Now()) {
			t.Errorf("%s: retired as %+v, %v", name, gone, err)
		}
		restore(t, p, v.ID, v.Version+1)
		back, err := p.Volunteers.Get(ctx, system, v.ID)
		if err != nil || back.State != s.want || back.Retirement != nil {
			t.Errorf("%s: restored as %+v, %v", name, back, err)
		}
	}
}

// An admitted organisation comes back suspended; one that only applied was never shown
// to all, and is not by having been retired.
func TestARestoredOrganisationIsNotLetBackIn(t *testing.T) {
	t.Parallel()
	var d *directory.Service
	w := testkit.Open(t, func(w *testkit.World) {
		d = directory.New(w.Core, map[string]directory.Entry{
			"org": directory.Of(w.Core, directory.Kind[organisation.Organisation]{
				Rows: w.Organisations.Rows(), Rest: w.Organisations.Rest,
				May: directory.Seen(organisation.Noun, func(o *organisation.Organisation) *access.Header { return &o.Header }),
			}),
		})
	})
	made, _, err := w.Organisations.Create(ctx, w.Admin(), organisation.Create{Name: "邻里互助队", Kind: organisation.CommunityGroup, FilingNumber: ptr("备1"), DivisionID: "div_130202000000"})
	testkit.WantCode(t, err, "")
	for id, want := range map[string]organisation.Admission{w.Organisation: organisation.Suspended, made.ID: organisation.Applied} {
		before, err := w.Organisations.Get(ctx, w.System(), id)
		testkit.WantCode(t, err, "")
		testkit.WantCode(t, d.Retire(ctx, w.Admin(), directory.Retire{NodeID: id, Reason: "DUPLICATE", ExpectedVersion: before.Version}), "")
		page, err := w.Organisations.List(ctx, w.Admin(), organisation.Filter{Retired: ptr(true), Search: ptr(before.Name)}, usecase.Paging{})
		if err != nil || len(page.Rows) != 1 || page.Rows[0].Admission != want || page.Rows[0].Retirement == nil {
			t.Errorf("retired %s: %+v, %v", before.Name, page.Rows, err)
		}
		testkit.WantCode(t, d.Restore(ctx, w.Admin(), directory.Restore{NodeID: id, ExpectedVersion: before.Version + 1}), "")
		after, err := w.Organisations.Get(ctx, w.System(), id)
		if err != nil || after.Admission != want {
			t.Errorf("restored %s: %s, %v", before.Name, after.Admission, err)
		}
	}
}
