package division_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

func TestSeedWritesEveryFactOnceAndKeepsChanges(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	renamed := division.Change{DivisionID: division.ID(testkit.Lunan), Name: ptr("路南新区"), ExpectedVersion: 1}
	if _, _, err := w.Divisions.Change(ctx, w.Admin(), renamed); err != nil {
		t.Fatal(err)
	}
	added, err := w.Divisions.Seed(ctx, nil)
	if err != nil || added != 6575+1-11 {
		t.Fatalf("added %d, %v", added, err)
	}
	if again, err := w.Divisions.Seed(ctx, nil); err != nil || again != 0 {
		t.Fatalf("second time added %d, %v", again, err)
	}
	v, err := w.Divisions.Get(ctx, access.Nobody(), division.ID(testkit.Community1))
	if err != nil {
		t.Fatal(err)
	}
	if v.FullName != "河北省唐山市路南新区学院南路街道立新东楼社区居民委员会" || len(v.Ancestors) != 4 || v.Parent.Code != "130202001000" {
		t.Fatalf("%+v", v)
	}
	page, err := w.Divisions.List(ctx, access.Nobody(), division.Filter{}, usecase.Paging{First: ptr(1)})
	if err != nil || page.Total == nil || *page.Total != 6575 {
		t.Fatalf("total %v, %v", page.Total, err)
	}
}

func TestDivisionsAreFoundByPlaceLevelAndName(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	level := division.LevelCommunity
	cases := []struct {
		name   string
		filter division.Filter
		want   []string
		total  int
	}{
		{"children", division.Filter{ParentID: ptr(division.ID(testkit.Lunan))}, []string{testkit.Street, testkit.Town}, 2},
		{"descendants", division.Filter{WithinID: ptr(division.ID(testkit.Town))}, []string{testkit.Village}, -1},
		{"level inside", division.Filter{WithinID: ptr(division.ID(testkit.Lubei)), Level: &level}, []string{testkit.Elsewhere}, -1},
		{"traditional characters", division.Filter{Search: ptr("龍鳳莊")}, []string{testkit.Village}, -1},
		{"one character", division.Filter{Search: ptr("省")}, []string{"13"}, -1},
		{"a pair that stands in another order", division.Filter{Search: ptr("村龙凤")}, nil, -1},
		{"pairs that do not join", division.Filter{Search: ptr("庄村民")}, nil, -1},
		{"no letter", division.Filter{Search: ptr("。")}, nil, -1},
	}
	for _, c := range cases {
		page, err := w.Divisions.List(ctx, access.Nobody(), c.filter, usecase.Paging{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for _, v := range page.Rows {
			got = append(got, division.Short(v.Code))
		}
		if !slices.Equal(got, c.want) || (c.total >= 0) != (page.Total != nil) || (page.Total != nil && *page.Total != c.total) {
			t.Errorf("%s: %v, total %v", c.name, got, page.Total)
		}
	}
}

func TestPagesOfDivisionsJoinWithoutGapInBothDirections(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	var forth, back []string
	var cursor *string
	for more := true; more; {
		page, err := w.Divisions.List(ctx, access.Nobody(), division.Filter{}, usecase.Paging{First: ptr(3), After: cursor})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Rows {
			forth = append(forth, v.Code)
		}
		cursor, more = page.End, page.HasNext
	}
	cursor = nil
	for more := true; more; {
		page, err := w.Divisions.List(ctx, access.Nobody(), division.Filter{}, usecase.Paging{Last: ptr(4), Before: cursor})
		if err != nil {
			t.Fatal(err)
		}
		codes := make([]string, len(page.Rows))
		for i, v := range page.Rows {
			codes[i] = v.Code
		}
		back = append(codes, back...)
		cursor, more = page.Start, page.HasPrev
	}
	if len(forth) != 11 || !slices.IsSorted(forth) || !slices.Equal(forth, back) {
		t.Fatalf("%v\n%v", forth, back)
	}
}

func TestDivisionCallsAreRefusedByReason(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	lunan, fresh := division.ID(testkit.Lunan), "130202103000"
	create := func(a access.Actor, in division.Create) error {
		_, _, err := w.Divisions.Create(ctx, a, in)
		return err
	}
	change := func(a access.Actor, in division.Change) error {
		_, _, err := w.Divisions.Change(ctx, a, in)
		return err
	}
	list := func(f division.Filter, p usecase.Paging) error {
		_, err := w.Divisions.List(ctx, access.Nobody(), f, p)
		return err
	}
	_, unknown := w.Divisions.Get(ctx, access.Nobody(), "div_999999999999")
	cases := map[string]struct {
		err  error
		want fault.Code
	}{
		"anonymous":           {create(access.Nobody(), division.Create{Code: fresh, Name: "新镇"}), fault.CodeUnauthenticated},
		"no grant":            {create(w.Stranger(), division.Create{Code: fresh, Name: "新镇"}), fault.CodeForbidden},
		"other area":          {create(w.OtherAdmin(), division.Create{Code: fresh, Name: "新镇"}), fault.CodeForbidden},
		"a new province":      {create(w.Admin(), division.Create{Code: "140000000000", Name: "山西省"}), fault.CodeForbidden},
		"no name":             {create(w.Admin(), division.Create{Code: fresh, Name: "  "}), fault.CodeRequired},
		"long name":           {create(w.Admin(), division.Create{Code: fresh, Name: strings.Repeat("长", 65)}), fault.CodeTooLong},
		"invalid text":        {create(w.Admin(), division.Create{Code: fresh, Name: "a\xff"}), fault.CodeTextInvalid},
		"short code":          {create(w.Admin(), division.Create{Code: "130202103", Name: "新镇"}), fault.CodeInvalid},
		"code out of range":   {create(w.Admin(), division.Create{Code: "130202700000", Name: "新镇"}), fault.CodeInvalid},
		"no such day":         {create(w.Admin(), division.Create{Code: fresh, Name: "新镇", ValidFrom: ptr(usecase.Date("2026-02-30"))}), fault.CodeInvalid},
		"parent not stored":   {create(w.Admin(), division.Create{Code: "130202104201", Name: "新村"}), fault.CodeDivisionUnknown},
		"there already":       {create(w.Admin(), division.Create{Code: "130202102000", Name: "新镇"}), fault.CodeDuplicate},
		"good":                {create(w.Admin(), division.Create{Code: fresh, Name: "新镇", ValidFrom: ptr(usecase.Date("2026-01-01"))}), ""},
		"change, other area":  {change(w.OtherAdmin(), division.Change{DivisionID: lunan, ExpectedVersion: 1}), fault.CodeForbidden},
		"stale":               {change(w.Admin(), division.Change{DivisionID: lunan, ExpectedVersion: 7}), fault.CodeConflict},
		"other type of id":    {change(w.Admin(), division.Change{DivisionID: "sta_x", ExpectedVersion: 1}), fault.CodeIDInvalid},
		"successor unknown":   {change(w.Admin(), division.Change{DivisionID: lunan, ExpectedVersion: 1, SuccessorIDs: []string{"div_130299000000"}}), fault.CodeDivisionUnknown},
		"too many successors": {change(w.Admin(), division.Change{DivisionID: lunan, ExpectedVersion: 1, SuccessorIDs: make([]string, 21)}), fault.CodeTooMany},
		"change unknown":      {change(w.Admin(), division.Change{DivisionID: "div_130299000000", ExpectedVersion: 1}), fault.CodeNotFound},
		"get unknown":         {unknown, fault.CodeNotFound},
		"page too large":      {list(division.Filter{}, usecase.Paging{First: ptr(101)}), fault.CodePageInvalid},
		"foreign cursor":      {list(division.Filter{}, usecase.Paging{After: ptr("AAAA")}), fault.CodeCursorInvalid},
		"bad parent":          {list(division.Filter{ParentID: ptr("com_1")}, usecase.Paging{}), fault.CodeIDInvalid},
		"bad area":            {list(division.Filter{WithinID: ptr("div_1")}, usecase.Paging{}), fault.CodeIDInvalid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { testkit.WantCode(t, c.err, c.want) })
	}
}

func TestADivisionEndsAndNamesWhatFollows(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	id, next := division.ID(testkit.Town), division.ID(testkit.Street)
	in := division.Change{DivisionID: id, ValidTo: ptr(usecase.Date("2026-03-01")), SuccessorIDs: []string{next}, ExpectedVersion: 1, IdempotencyKey: ptr("k")}
	for range 2 { // the repeat with the key changes nothing
		v, _, err := w.Divisions.Change(ctx, w.Admin(), in)
		if err != nil || v.Version != 2 || v.ValidTo == nil || len(v.Successors) != 1 || v.Successors[0].ID != next {
			t.Fatalf("%+v, %v", v, err)
		}
	}
	in.Name = ptr("别的")
	_, _, err := w.Divisions.Change(ctx, w.Admin(), in)
	testkit.WantCode(t, err, fault.CodeIdempotencyKeyReused)
	back, _, err := w.Divisions.Change(ctx, w.Admin(), division.Change{DivisionID: id, ValidTo: ptr(usecase.Date("")), SuccessorIDs: []string{}, ExpectedVersion: 2})
	if err != nil || back.ValidTo != nil || len(back.Successors) != 0 {
		t.Fatalf("%+v, %v", back, err)
	}
}
