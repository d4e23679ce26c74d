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
	outside := ctx
	return r.Core.DB.Rehearse(usecase.InBulk(ctx), func(ctx context.Context, p *store.Rehearsal) error {
		for i, s := range sheets {
			named := s.table.chained || slices.ContainsFunc(sheets[i+1:], func(later loaded) bool { return slices.Contains(later.table.rests, s.table.prefix) })
			for rows := range r.survey.of(i) {
				outcomes, taken, err := r.rehearseSome(ctx, p, s, rows)
				if err == nil {
					err = r.judge(outside, s, rows, outcomes, taken, wrong)
				}
				if err != nil {
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

func (r *run) rehearseSome(ctx context.Context, p *store.Rehearsal, s loaded, rows []sheet.Row) ([]outcome, map[int]error, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if err := r.expect(ctx, s, rows); err != nil {
		return nil, nil, err
	}
	outcomes := make([]outcome, len(rows))
	for i, row := range rows {
		p.Part(i)
		outcomes[i] = r.row(ctx, s, row)
		r.note(s.table.prefix, row.Text(keyColumn), outcomes[i])
	}
	taken, err := p.Taken(ctx)
	return outcomes, taken, err
}

// judge gathers what is wrong with rows. One whose unique key is taken may itself have
// taken it a moment ago, by another import of the same file: ctx sees what the
// rehearsal does not.
func (r *run) judge(ctx context.Context, s loaded, rows []sheet.Row, outcomes []outcome, taken map[int]error, wrong *Invalid) error {
	for i, row := range rows {
		o := &outcomes[i]
		if why := taken[i]; why != nil {
			ids, again, err := r.Core.Once.Kept().Done(ctx, r.receipt(s, row), s.content(row))
			if err != nil {
				return err
			}
			if again {
				*o = outcome{id: ids[0], known: true}
				r.note(s.table.prefix, row.Text(keyColumn), *o)
			} else {
				o.problems = append(o.problems, s.problem(row, why))
			}
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
