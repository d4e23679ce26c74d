package division

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/usecase"
)

// View is a division as anybody reads it.
type View struct {
	ID         string
	Version    int64
	Code       string // 12 digits
	Level      Level
	Kind       Type
	Counted    bool // stands in the denominators of indicators
	Name       string
	FullName   string // with the names above it
	Parent     *View
	Ancestors  []*View // from the province down
	ValidFrom  *usecase.Date
	ValidTo    *usecase.Date
	Successors []*View
}

// Get reads one division. NOT_FOUND if there is none.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	d, err := s.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.one(ctx, d)
}

// Past shows a division as it was; what it points to is as it is now.
func (s *Service) Past(ctx context.Context, _ access.Actor, d *Division, _ time.Time) (*View, error) {
	return s.one(ctx, d)
}

// Views reads divisions by id; absent ones are not in the map.
func (s *Service) Views(ctx context.Context, _ access.Actor, ids []string) (map[string]*View, error) {
	if usecase.Bulk(ctx) {
		return nil, nil
	}
	return s.views(ctx, nil, ids)
}

func (s *Service) one(ctx context.Context, d *Division) (*View, error) {
	views, err := s.views(ctx, []*Division{d}, nil)
	return views[d.ID], err
}

// views joins rows in hand and ids with all they point to: ancestors by code, and
// successors, with theirs in turn.
func (s *Service) views(ctx context.Context, known []*Division, ids []string) (map[string]*View, error) {
	rows, asked := map[string]*Division{}, map[string]bool{}
	want := reach(nil, asked, ids)
	for _, d := range known {
		rows[d.ID], asked[d.ID] = d, true
	}
	for _, d := range known {
		want = reach(want, asked, append(lineage(d.ID), d.Successors...))
	}
	for len(want) > 0 {
		found, err := s.rows.GetMany(ctx, want)
		if err != nil {
			return nil, err
		}
		maps.Copy(rows, found)
		want = nil
		for _, d := range found {
			want = reach(want, asked, d.Successors)
		}
	}
	return linked(rows), nil
}

// reach adds ids and their ancestors, each once in the life of asked.
func reach(want []string, asked map[string]bool, ids []string) []string {
	for _, id := range ids {
		for _, each := range append(lineage(id), id) {
			if !asked[each] {
				asked[each] = true
				want = append(want, each)
			}
		}
	}
	return want
}

// lineage is the ids of all that a division belongs to, from the province down.
func lineage(id string) []string {
	var out []string
	for up := Parent(CodeOf(id)); up != ""; up = Parent(up) {
		out = append(out, ID(up))
	}
	slices.Reverse(out)
	return out
}

func linked(rows map[string]*Division) map[string]*View {
	views := make(map[string]*View, len(rows))
	for id, d := range rows {
		views[id] = &View{
			ID: id, Version: d.Version, Code: Full(d.Code), Level: LevelOf(d.Code), Kind: TypeOf(d.Code), Counted: Counted(d.Code), Name: d.Name,
			Ancestors: []*View{}, Successors: []*View{}, ValidFrom: usecase.Opt(d.ValidFrom), ValidTo: usecase.Opt(d.ValidTo),
		}
	}
	for id, v := range views {
		var names strings.Builder
		for _, up := range lineage(id) {
			if above := views[up]; above != nil {
				v.Parent, v.Ancestors = above, append(v.Ancestors, above)
				names.WriteString(above.Name)
			}
		}
		v.FullName = names.String() + v.Name
		for _, next := range rows[id].Successors {
			if after := views[next]; after != nil {
				v.Successors = append(v.Successors, after)
			}
		}
	}
	return views
}
