package platform_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/catalog"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/history"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/testkit"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

func service(w *testkit.World) *history.Service {
	names := func(context.Context, []string) (map[string]history.Name, error) { return nil, nil }
	return history.New(w.Core, names, catalog.Nouns{
		{Name: "division", Prefix: "div"},
		{Name: "community", Prefix: "com"},
		{Name: "station", Prefix: "sta"},
		{Name: organisation.Noun.Name, Prefix: "org", Access: &organisation.Noun, Trail: true},
	})
}

// TestEveryPastStateIsWhatWasStored changes a seeded community at random and asks for
// each moment since its beginning.
func TestEveryPastStateIsWhatWasStored(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	if _, err := w.Divisions.Seed(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Communities.Seed(ctx, nil); err != nil {
		t.Fatal(err)
	}
	h, n := service(w), 0
	rapid.Check(t, func(r *rapid.T) {
		id := community.ID([]string{"130203002001", "130203002002", "130203002003", "130203002004", "130203002005"}[n%5])
		n++
		w.Clock.Advance(time.Hour)
		var moments []time.Time
		var rows []*community.Community
		keep := func() {
			row, err := w.Communities.Load(ctx, id)
			if err != nil {
				r.Fatal(err)
			}
			moments, rows = append(moments, w.Clock.Now()), append(rows, row)
			w.Clock.Advance(time.Duration(rapid.IntRange(1, 1000).Draw(r, "pause")) * time.Millisecond)
		}
		keep()
		for range rapid.IntRange(1, 6).Draw(r, "changes") {
			in := community.Change{CommunityID: id, ExpectedVersion: rows[len(rows)-1].Version, Name: ptr(rapid.StringMatching(`[一二三四五]{1,5}`).Draw(r, "name"))}
			if rapid.Bool().Draw(r, "phone") {
				in.Phone = ptr(rapid.StringMatching(`[0-9]{0,5}`).Draw(r, "number"))
			}
			if _, _, err := w.Communities.Change(ctx, w.Admin(), in); err != nil {
				r.Fatal(err)
			}
			keep()
		}
		for i, at := range moments {
			past, err := h.AsOf(ctx, access.Nobody(), id, at)
			if err != nil {
				r.Fatal(err)
			}
			got, err := history.Row(ctx, past, w.Communities.Rows(), id, at)
			if err != nil || !reflect.DeepEqual(got, rows[i]) {
				r.Fatalf("as of %s: %+v, %v; want %+v", at, got, err, rows[i])
			}
		}
	})
}

func TestThePastIsShownUnderTheStricterMask(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	h := service(w)
	look := func(a access.Actor, id string, at time.Time) error {
		past, err := h.AsOf(ctx, a, id, at)
		if err != nil {
			return err
		}
		row, err := history.Row(ctx, past, w.Organisations.Rows(), id, at)
		if err != nil {
			return err
		}
		v, err := w.Organisations.Past(ctx, a.Under(past.Mask), row, at)
		if err == nil && v.AllowedActions != nil {
			t.Error("a past state has steps to take")
		}
		return err
	}
	made, _, err := w.Organisations.Create(ctx, w.Admin(), organisation.Create{Name: "邻里互助队", Kind: organisation.CommunityGroup, FilingNumber: ptr("备1"), DivisionID: "div_130202000000"})
	testkit.WantCode(t, err, "")
	applied := w.Clock.Now()
	w.Clock.Advance(time.Hour)
	for name, c := range map[string]struct {
		err  error
		want fault.Code
	}{
		"its administrator":  {look(w.Admin(), made.ID, applied), ""},
		"hidden now":         {look(w.Partner(), made.ID, applied), fault.CodeNotFound},
		"shown, not its log": {look(w.Stranger(), w.Organisation, applied), fault.CodeForbidden},
		"its own partner":    {look(w.Partner(), w.Organisation, applied), ""},
		"before it was":      {look(w.Admin(), made.ID, applied.Add(-time.Millisecond)), fault.CodeNotFound},
		"a moment to come":   {look(w.Admin(), made.ID, applied.Add(2*time.Hour)), fault.CodeInvalid},
		"of no such type":    {look(w.Admin(), "xyz_1", applied), fault.CodeIDInvalid},
	} {
		t.Run(name, func(t *testing.T) { testkit.WantCode(t, c.err, c.want) })
	}
	if m := access.See(w.Admin().Under(access.Blind), organisation.Noun).Of(&access.Header{City: "1302", Province: "13", County: "130202", Class: access.Public}); m != access.Blind {
		t.Errorf("under a ceiling the administrator sees %v", m)
	}
}
