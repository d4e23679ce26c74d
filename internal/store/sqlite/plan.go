package sqlite

import (
	"context"
	"strings"

	"github.com/fivesociety/linkage/internal/store"
)

// Plan explains a scan in the words of EXPLAIN QUERY PLAN.
func (a *Adapter) Plan(ctx context.Context, s store.Scan) (store.Plan, error) {
	t := a.nouns[s.Noun.Name]
	text, args := t.walk(s)
	rows, err := a.read.QueryContext(ctx, "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		return store.Plan{}, a.translate(err)
	}
	defer func() { _ = rows.Close() }()
	var p store.Plan
	first := true
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return p, a.translate(err)
		}
		p.Text += detail + "\n"
		p.Sorts = p.Sorts || strings.Contains(detail, "TEMP B-TREE")
		if first { // the walk itself; what follows looks rows up
			first = false
			p.Index, p.FullScan = t.walked(s, detail)
		}
	}
	return p, a.translate(rows.Err())
}

// walked reads from the plan's first line which index is walked, and whether more
// of it is read than the equal fields in front of the sort key select.
func (t *table) walked(s store.Scan, detail string) (index string, full bool) {
	uses := "USING INDEX sqlite_autoindex_"
	switch {
	case len(s.Index) == 0:
	case t.array(s.Index) >= 0:
		uses = " s USING PRIMARY KEY "
	default:
		uses = "USING INDEX " + strings.Trim(t.index(s.Index), `"`) + " "
	}
	if !strings.Contains(detail+" ", uses) {
		return detail, true
	}
	equal := len(s.Index)
	if s.Sort != "" {
		equal--
	}
	return strings.Join(s.Index, "_"), strings.Count(detail, "=?") < equal
}
