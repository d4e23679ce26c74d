package division

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	importChunk = 4000      // rows of one unit of work, at least: each unit dirties the pages of the search terms anew
	maxImport   = 2_000_000 // three times what the country has
	maxWrong    = 50        // bad rows that are named
)

// Imported is what an import did.
type Imported struct {
	Read, Added int
	Differ      []SourceRow // stored under another name, which stays; at most 50
}

// Wrong is IMPORT_INVALID: the bad rows of a file. Nothing was written.
type Wrong struct {
	Rows  []WrongRow // at most 50
	Total int
}

// WrongRow is one bad row and why.
type WrongRow struct {
	SourceRow
	Why error // a fault
}

// Error is the list in English, for logs.
func (w *Wrong) Error() string { return w.Message("en") }

// Unwrap lets fault.CodeOf find IMPORT_INVALID.
func (w *Wrong) Unwrap() error { return fault.New(fault.CodeImportInvalid, fault.P("rows", w.Total)) }

// Message is the whole list for people, in a language.
func (w *Wrong) Message(locale string) string {
	f, _ := fault.As(w.Unwrap())
	out := f.Message(locale)
	for _, row := range w.Rows {
		why := row.Why.Error()
		if f, ok := fault.As(row.Why); ok {
			why = f.Message(locale)
		}
		out += "\n  " + row.File + ":" + strconv.Itoa(row.Line) + " " + row.Code + " " + why
	}
	if more := w.Total - len(w.Rows); more > 0 {
		out += fmt.Sprintf("\n  … +%d", more)
	}
	return out
}

func (w *Wrong) add(row SourceRow, why error) {
	if w.Total++; len(w.Rows) < maxWrong {
		w.Rows = append(w.Rows, WrongRow{row, why})
	}
}

// Also makes, inside the unit of work that adds them, what belongs to new divisions.
type Also func(ctx context.Context, added []*Division) error

// Import adds the divisions of a source that are not stored yet. It reads the source
// twice, a row at a time: first all of it is checked (*Wrong lists the bad rows and
// nothing is written), then it is written in chunks, each whole or not at all, so
// that an import that was stopped goes on when it is started again, and one that was
// not changes nothing. Rows that are stored stay as people left them. Like the
// embedded facts, they write no log entries. check leaves the second half out. also
// and progress may be nil; progress is called by one goroutine at a time.
func (s *Service) Import(ctx context.Context, src *Source, check bool, also Also, progress func(done, total int)) (Imported, error) {
	var out Imported
	total, err := s.checkSource(ctx, src)
	if out.Read = total; err != nil || check {
		return out, err
	}
	in := intake{Imported: out, total: total, progress: progress}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(2) // one chunk is made while the one before is committed
	write := func(rows []SourceRow) {
		work.Go(func() error {
			added, differ, err := s.adopt(ctx, rows, also)
			if err == nil {
				in.took(rows, added, differ)
			}
			return err
		})
	}
	var chunk []SourceRow
	most := max(importChunk, 2*s.core.DB.Bulk()) // without log and receipt a row is half of another's
	for row, err := range src.Rows() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return in.Imported, errors.Join(work.Wait(), err)
		}
		if chunk = append(chunk, row); len(chunk) == most {
			write(chunk)
			chunk = nil
		}
	}
	write(chunk)
	err = work.Wait()
	return in.Imported, err
}

// intake gathers what the chunks did.
type intake struct {
	Imported
	mu          sync.Mutex
	done, total int
	progress    func(done, total int)
}

func (in *intake) took(rows []SourceRow, added int, differ []SourceRow) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.Added += added
	in.Differ = append(in.Differ, differ[:min(len(differ), maxWrong-len(in.Differ))]...)
	if in.done += len(rows); in.progress != nil {
		in.progress(in.done, in.total)
	}
}

// checkSource reads all of a source and says what is wrong with it.
func (s *Service) checkSource(ctx context.Context, src *Source) (total int, err error) {
	known, err := s.parents(ctx)
	if err != nil {
		return 0, err
	}
	wrong, seen := &Wrong{}, map[string]struct{}{}
	for row, err := range src.Rows() {
		if err != nil {
			return total, err
		}
		if err := ctx.Err(); err != nil {
			return total, err
		}
		if total++; total > maxImport {
			return total, fault.New(fault.CodeTooMany, fault.P("max", maxImport))
		}
		if err := row.check(known, seen); err != nil {
			wrong.add(row, err)
		}
	}
	if wrong.Total > 0 {
		return total, wrong
	}
	return total, nil
}

// parents are the short codes of all that is stored above the communities.
func (s *Service) parents(ctx context.Context) (map[string]struct{}, error) {
	out := map[string]struct{}{}
	for _, level := range []Level{LevelProvince, LevelCity, LevelCounty, LevelTown} {
		err := s.rows.Each(ctx, store.Query{Where: store.Is("level", level)}, func(d *Division) error {
			out[d.Code] = struct{}{}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// check judges one row: its code, its name, that its parent is known and that it
// stands once in the source. A good row that can have parts becomes known.
func (r SourceRow) check(known, seen map[string]struct{}) error {
	code := Short(r.Code)
	if code == "" || TypeOf(code) == typeUnknown {
		return fault.New(fault.CodeInvalid, fault.P("rule", "DIVISION_CODE"))
	}
	if _, err := usecase.Text(r.Name, maxName, true); err != nil {
		return err
	}
	if _, twice := seen[code]; twice {
		if len(r.Code) > len(code) {
			return nil // a place without the level, 东莞 or 金门, repeats the code above it
		}
		return fault.New(fault.CodeDuplicate, fault.P("field", "code"))
	}
	seen[code] = struct{}{}
	if up := Parent(code); up != "" {
		if _, ok := known[up]; !ok {
			return fault.New(fault.CodeDivisionUnknown, fault.P("code", Full(up)))
		}
	}
	if len(code) < fullLen {
		known[code] = struct{}{}
	}
	return nil
}

// adopt adds the rows of one chunk that are not stored.
func (s *Service) adopt(ctx context.Context, rows []SourceRow, also Also) (added int, differ []SourceRow, err error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = ID(r.Code)
	}
	err = s.core.DB.Tx(ctx, func(ctx context.Context) error {
		differ = nil
		there, err := s.rows.GetMany(ctx, ids)
		if err != nil {
			return err
		}
		var fresh []*Division
		for i, r := range rows {
			switch d := there[ids[i]]; {
			case d == nil:
				d = &Division{Head: store.Head{ID: ids[i]}, Code: Short(r.Code), Name: r.Name, Successors: []string{}}
				if err := s.rows.Insert(ctx, d, store.Note{}); err != nil {
					return err
				}
				there[ids[i]], fresh = d, append(fresh, d)
			case d.Name != r.Name:
				differ = append(differ, r)
			}
		}
		added = len(fresh)
		if also == nil || added == 0 {
			return nil
		}
		return also(ctx, fresh)
	})
	return added, differ, err
}
