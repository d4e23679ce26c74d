package intake

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/sheet"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// outlet gives a table's rows out of the store. Cells are by column; what the file
// has no words for, such as what has ended, is not written.
type outlet struct {
	each func(ctx context.Context, n Nouns, s speech, fn func(cells map[string]string) error) (left int, err error)
	// find is one row, and whether each gives it.
	find func(ctx context.Context, n Nouns, s speech, key string) (cells map[string]string, id string, ok bool, err error)
	// plain reports whether nobody has said anything of what stands yet, so that a row
	// may; nil where that cannot be.
	plain func(ctx context.Context, n Nouns, key string) (bool, error)
}

// from makes an outlet of a collection. write answers false for a row that a table
// cannot hold; none holds what is retired.
func from[T any, P store.Stored[T]](rows func(Nouns) *store.Collection[T], id func(*T) string, write func(s speech, t *T) (map[string]string, bool)) outlet {
	return outlet{
		each: func(ctx context.Context, n Nouns, s speech, fn func(map[string]string) error) (left int, err error) {
			err = rows(n).Each(ctx, store.Query{}, func(t *T) error {
				cells, ok := write(s, t)
				if !ok || P(t).StoreHead().InUse() != nil {
					left++
					return nil
				}
				if cells[keyColumn] == "" {
					cells[keyColumn] = id(t)
				}
				return fn(cells)
			})
			return left, err
		},
		find: func(ctx context.Context, n Nouns, s speech, key string) (map[string]string, string, bool, error) {
			t, err := rows(n).Get(ctx, key)
			if err != nil {
				return nil, "", false, err
			}
			cells, ok := write(s, t)
			return cells, id(t), ok && P(t).StoreHead().InUse() == nil, nil
		},
	}
}

// speech writes values in the words of a language, as they stand now.
type speech struct {
	english bool
	now     time.Time
	tables  []table
}

func (s speech) word(words []word, value string) string {
	for _, w := range words {
		if w.value == value && !s.english && len(w.also) > 0 {
			return w.also[0]
		}
	}
	return value
}

func (s speech) flag(on bool) string {
	if on {
		return s.word(yesNo, "yes")
	}
	return s.word(yesNo, "no")
}

func (s speech) code(list codes.List, id string) string {
	if id == "" || s.english {
		return id
	}
	return codes.Label(context.Background(), list, id)
}

func (s speech) codes(list codes.List, ids []string) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = s.code(list, id)
	}
	return strings.Join(out, ";")
}

// base are the words of the units in which quantities are kept.
var base = []word{
	{string(measure.Piece), []string{"件"}},
	{string(measure.Minute), []string{"分钟"}},
	{string(measure.Gram), []string{"克"}},
	{string(measure.Millilitre), []string{"毫升"}},
	{string(measure.Fen), []string{"分"}},
}

func (s speech) quantity(cells map[string]string, q measure.Quantity) {
	cells["quantity"], cells["unit"] = itoa(int(q.Value)), s.word(base, string(q.Unit))
}

func (s speech) window(cells map[string]string, w *measure.Window) {
	if w != nil {
		cells["from"], cells["to"] = w.From.In(clock.China).Format("2006-01-02 15:04"), w.To.In(clock.China).Format("2006-01-02 15:04")
	}
}

// shortCode is a division's code without the zeros at its end.
func shortCode(id string) string { return division.Short(strings.TrimPrefix(id, "div_")) }

// says reports whether a row says just what stands.
func (s loaded) says(row sheet.Row, zh, en map[string]string) bool {
	for i, cell := range row.Cells() {
		if s.differs(row, i, cell, zh, en) {
			return false
		}
	}
	return true
}

// differs reports whether a cell says something else than what stands.
func (s loaded) differs(row sheet.Row, i int, cell string, zh, en map[string]string) bool {
	name := s.table.columns[i].Name
	return row.Has(name) && name != keyColumn && !slices.Contains(unread, name) && !slices.Contains(s.table.once, name) && cell != zh[name] && cell != en[name]
}

// standing answers for a row that names an object of this very store: what was
// exported may come back. Unchanged it is known; changed it is refused, since an
// import only adds.
func (r *run) standing(ctx context.Context, s loaded, row sheet.Row) (o outcome, stands bool) {
	key := row.Text(keyColumn)
	if key == "" || !s.table.natural && !strings.HasPrefix(key, s.table.prefix+"_") {
		return o, false
	}
	if !r.actor.IsSystem() { // what is stored is not told to whoever asks by a table
		if s.table.natural {
			return o, false
		}
		o.problems = append(o.problems, sheet.Problem{
			File: s.Name, Row: row.Number, Column: row.Head(keyColumn), Code: fault.CodeInvalid,
			Zh: "标识不能是系统中的编号；请自定一个。", En: "A key can't be an id of the platform: choose your own.",
		})
		return o, true
	}
	zh, id, _, err := s.table.out.find(ctx, r.Nouns, speech{now: r.now, tables: r.tables}, key)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return o, false
		}
		o.problems = append(o.problems, s.problem(row, err))
		return o, true
	}
	if name := zh[keyColumn]; name != "" && name != key {
		return o, false // alike, not the same
	}
	en, _, _, err := s.table.out.find(ctx, r.Nouns, speech{english: true, now: r.now, tables: r.tables}, key)
	if err != nil {
		o.problems = append(o.problems, s.problem(row, err))
		return o, true
	}
	if s.table.out.plain != nil {
		plain, err := s.table.out.plain(ctx, r.Nouns, key)
		if err != nil {
			return outcome{problems: []sheet.Problem{s.problem(row, err)}}, true
		}
		if plain && !s.says(row, zh, en) {
			return o, false
		}
	}
	o.id, o.known = id, true
	for i, cell := range row.Cells() {
		if !s.differs(row, i, cell, zh, en) {
			continue
		}
		name := s.table.columns[i].Name
		o.problems = append(o.problems, sheet.Problem{
			File: s.Name, Row: row.Number, Column: row.Head(name), Code: fault.CodeConflict,
			Zh: "系统中已有这一条，内容不同（现为“" + zh[name] + "”）；导入只新增，请在系统中修改。",
			En: "This one exists with other content (now \"" + en[name] + "\"); an import only adds, change it in the platform.",
		})
	}
	return o, true
}

func day(d usecase.Date) string { return string(d) }
