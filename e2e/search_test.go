package e2e

import (
	"context"
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/text"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

//go:embed testdata/searches.tsv
var searches string

// plainChinese are queries whose answers are known without any of our code but Fold:
// the names that contain them.
var plainChinese = regexp.MustCompile(`^\p{Han}+$`)

// searchesByHand asks every search of the corpus and looks through all its pages.
func searchesByHand(t *testing.T, e *env) {
	find := e.finders()
	all := map[string][]string{}
	asked := 0
	for line := range strings.Lines(searches) {
		if line[0] == '#' {
			continue
		}
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		noun, query := fields[0], fields[1]
		asked++
		got, err := find[noun](t.Context(), &query)
		if err != nil {
			t.Errorf("%s %q: %v", noun, query, err)
			continue
		}
		for _, name := range listed(fields[2]) {
			if !slices.Contains(got, name) {
				t.Errorf("%s %q does not find %s among %d", noun, query, name, len(got))
			}
		}
		for _, name := range listed(fields[3]) {
			if slices.Contains(got, name) {
				t.Errorf("%s %q finds %s", noun, query, name)
			}
		}
		if !plainChinese.MatchString(query) {
			continue
		}
		if all[noun] == nil {
			if all[noun], err = find[noun](t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(got)
		if want := containing(all[noun], query); !slices.Equal(got, want) {
			t.Errorf("%s %q: %d names, want %d", noun, query, len(got), len(want))
		}
	}
	if asked < 200 {
		t.Errorf("only %d searches", asked)
	}
}

func listed(field string) []string {
	return slices.DeleteFunc(strings.Split(field, ";"), func(s string) bool { return s == "" })
}

func containing(names []string, query string) []string {
	var out []string
	for _, name := range names {
		if strings.Contains(text.Fold(name), text.Fold(query)) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

type finder func(ctx context.Context, query *string) ([]string, error)

// finders ask for the names of a noun's rows.
func (e *env) finders() map[string]finder {
	nobody, system := access.Nobody(), access.System("test")
	return map[string]finder{
		"division": leafing(func(ctx context.Context, q *string, p usecase.Paging) (usecase.Page[*division.View], error) {
			return e.Divisions.List(ctx, nobody, division.Filter{Search: q}, p)
		}, func(v *division.View) string { return v.Name }),
		"community": leafing(func(ctx context.Context, q *string, p usecase.Paging) (usecase.Page[*community.View], error) {
			return e.Communities.List(ctx, nobody, community.Filter{Search: q}, p)
		}, func(v *community.View) string { return v.Name }),
		"station": leafing(func(ctx context.Context, q *string, p usecase.Paging) (usecase.Page[*station.View], error) {
			return e.Stations.List(ctx, nobody, station.Filter{Search: q}, p)
		}, func(v *station.View) string { return v.Name }),
		"organisation": leafing(func(ctx context.Context, q *string, p usecase.Paging) (usecase.Page[*organisation.View], error) {
			return e.Organisations.List(ctx, system, organisation.Filter{Search: q}, p)
		}, func(v *organisation.View) string { return v.Name }),
		"resource": leafing(func(ctx context.Context, q *string, p usecase.Paging) (usecase.Page[*resource.View], error) {
			return e.Resources.List(ctx, system, resource.Filter{Search: q}, "", p)
		}, func(v *resource.View) string { return v.Title }),
		"volunteer": leafing(func(ctx context.Context, q *string, p usecase.Paging) (usecase.Page[*volunteer.View], error) {
			return e.Volunteers.List(ctx, system, volunteer.Filter{Search: q}, p)
		}, func(v *volunteer.View) string { return *v.Name }),
		"worker": leafing(func(ctx context.Context, q *string, p usecase.Paging) (usecase.Page[*socialworker.View], error) {
			return e.Workers.List(ctx, system, socialworker.Filter{Search: q}, p)
		}, func(v *socialworker.View) string { return *v.Name }),
	}
}

// leafing reads all pages of a list.
func leafing[V any](list func(context.Context, *string, usecase.Paging) (usecase.Page[V], error), name func(V) string) finder {
	return func(ctx context.Context, query *string) (names []string, err error) {
		most := usecase.MaxPage
		for p := (usecase.Paging{First: &most}); ; {
			page, err := list(ctx, query, p)
			if err != nil {
				return nil, err
			}
			for _, v := range page.Rows {
				names = append(names, name(v))
			}
			if !page.HasNext {
				return names, nil
			}
			p.After = page.End
		}
	}
}
