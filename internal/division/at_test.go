package division_test

import (
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

func TestAnOldCodeIsFollowedToWhatStoodOnADay(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	if _, err := w.Divisions.Seed(ctx, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code, on, want string
	}{
		{"130223", "", "滦县"},
		{"130223000000", "2018-08-31", "滦县"},
		{"130223", "2018-09-01", "滦州市"},
		{"130223", "2026-11-24", "滦州市"},
		{"130284", "", "滦州市"},
		{"130284", "1996-01-01", "滦县"},
		{"13", "1996-01-01", "河北省"},
	} {
		var on *usecase.Date
		if c.on != "" {
			on = ptr(usecase.Date(c.on))
		}
		if v, err := w.Divisions.At(ctx, access.Nobody(), c.code, on); err != nil || v.Name != c.want {
			t.Errorf("%s on %q: %v, %v; want %s", c.code, c.on, v, err, c.want)
		}
	}
	old, err := w.Divisions.At(ctx, access.Nobody(), "130223", nil)
	if err != nil || len(old.Successors) != 1 || old.Successors[0].Code != "130284000000" || usecase.Or(old.ValidTo, "") != "2018-09-01" {
		t.Fatalf("%+v, %v", old, err)
	}
	for code, want := range map[string]fault.Code{"13O223": fault.CodeInvalid, "130299": fault.CodeNotFound} {
		_, err := w.Divisions.At(ctx, access.Nobody(), code, nil)
		testkit.WantCode(t, err, want)
	}
	_, err = w.Divisions.At(ctx, access.Nobody(), "130223", ptr(usecase.Date("2018-02-30")))
	testkit.WantCode(t, err, fault.CodeInvalid)
}

func TestNothingIsPlacedInAnEndedDivision(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	if _, err := w.Divisions.Seed(ctx, nil); err != nil {
		t.Fatal(err)
	}
	_, err := w.Divisions.Resolve(ctx, "div_130223000000", "input", "divisionId")
	testkit.WantCode(t, err, fault.CodeDivisionEnded)
	if _, err := w.Divisions.Resolve(ctx, "div_130284000000"); err != nil {
		t.Error(err)
	}
}

func TestZonesRollUpAndAreNotCounted(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	if _, err := w.Divisions.Seed(ctx, nil); err != nil {
		t.Fatal(err)
	}
	names := func(f division.Filter) (out []string) {
		f.ParentID = ptr("div_130200000000")
		page, err := w.Divisions.List(ctx, access.Nobody(), f, usecase.Paging{First: ptr(100)})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Rows {
			out = append(out, v.Name)
		}
		return out
	}
	if got := names(division.Filter{}); len(got) != 18 {
		t.Error(got)
	}
	if got := names(division.Filter{Counted: ptr(true)}); len(got) != 14 {
		t.Error(got)
	}
	zones := names(division.Filter{Counted: ptr(false)})
	if len(zones) != 4 || zones[0] != "河北唐山芦台经济开发区" {
		t.Error(zones)
	}
	before := names(division.Filter{ValidOn: ptr(usecase.Date("2010-01-01")), Counted: ptr(true)})
	if len(before) != 14 || before[7] != "滦县" {
		t.Error(before)
	}
	v, err := w.Divisions.At(ctx, access.Nobody(), "130271", nil)
	if err != nil || v.Counted || v.Parent.Name != "唐山市" {
		t.Errorf("%+v, %v", v, err)
	}
}
