package community_test

import (
	"context"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

func TestSeedMakesEveryCommunityOnceUnderTheNamePeopleUse(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	if _, err := w.Divisions.Seed(ctx, nil); err != nil {
		t.Fatal(err)
	}
	added, err := w.Communities.Seed(ctx, nil)
	if err != nil || added != 6304-4 {
		t.Fatalf("added %d, %v", added, err)
	}
	if again, err := w.Communities.Seed(ctx, nil); err != nil || again != 0 {
		t.Fatalf("second time added %d, %v", again, err)
	}
	for code, want := range map[string][2]string{
		testkit.Community1: {"立新东楼社区", "立新东楼社区居民委员会"},
		testkit.Village:    {"龙凤庄村", "龙凤庄村村民委员会"},
		"130272451510":     {"第二十生产队", ""},
	} {
		v, err := w.Communities.Get(ctx, access.Nobody(), community.ID(code))
		if err != nil || v.Name != want[0] || usecase.Or(v.Committee, "") != want[1] || v.Division.ID != division.ID(code) {
			t.Errorf("%s: %+v, %v", code, v, err)
		}
	}
	page, err := w.Communities.List(ctx, access.Nobody(), community.Filter{}, usecase.Paging{First: ptr(1)})
	if err != nil || page.Total == nil || *page.Total != 6304 {
		t.Fatalf("total %v, %v", page.Total, err)
	}
}

func BenchmarkSeed(b *testing.B) {
	for b.Loop() {
		w := testkit.Open(b)
		if _, err := w.Divisions.Seed(ctx, nil); err != nil {
			b.Fatal(err)
		}
		if _, err := w.Communities.Seed(ctx, nil); err != nil {
			b.Fatal(err)
		}
	}
}
