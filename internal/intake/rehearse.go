package intake

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/sheet"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// rehearse runs every row without writing and gathers what is wrong. Rows that no
// later file refers to are forgotten again, so that a long file needs no more room
// than a short one.
func (r *run) rehearse(ctx context.Context, sheets []loaded, wrong *Invalid) error {
	r.begin()
	return r.Core.DB.Rehearse(usecase.InBulk(ctx), func(ctx context.Context, p *store.Rehearsal) error {
		for i, s := range sheets {
			named := s.table.chained || slices.ContainsFunc(sheets[i+1:], func(later loaded) bool { return slices.Contains(later.table.rests, s.table.prefix) })
			for rows := range chunks(s.Rows()) {
				if err := r.rehearseSome(ctx, p, s, rows, wrong); err != nil {
					return err
				}
				if !named {
					p.Forget()
				}
			}
			p.Keep()
		}
		return nil
	})
}

func (r *run) rehearseSome(ctx context.Context, p *store.Rehearsal, s loaded, rows []sheet.Row, wrong *Invalid) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.expect(ctx, s, rows); err != nil {
		return err
	}
	outcomes := make([]outcome, len(rows))
	for i, row := range rows {
		p.Part(i)
		outcomes[i] = r.row(ctx, s, row)
		r.note(s.table.prefix, row.Text(keyColumn), outcomes[i])
	}
	taken, err := p.Taken(ctx)
	if err != nil {
		return err
	}
	for i, row := range rows {
		o := &outcomes[i]
		if err := taken[i]; err != nil {
			o.problems = append(o.problems, s.problem(row, err))
		}
		wrong.add(o.problems...)
		r.step()
	}
	return nil
}

// expect reads at once which rows of a chunk were taken before.
func (r *run) expect(ctx context.Context, s loaded, rows []sheet.Row) error {
	keys := make([]string, len(rows))
	for i, row := range rows {
		keys[i] = r.receipt(s, row)
	}
	return r.Core.Once.Kept().Expect(ctx, keys)
}
