package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"runtime/debug"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/sheet"
	"github.com/fivesociety/linkage/internal/usecase"
)

// atOnce is how many units of work are under way: while one is being committed the
// next is made ready.
const atOnce = 2

// beside is how many rows a unit of somebody's import has at most: others wait for the
// store meanwhile. Whoever runs the program for an import waits for nothing else.
const beside = 1000

// run is one import under way.
type run struct {
	Nouns
	actor    access.Actor
	now      time.Time
	tables   []table
	progress Progress
	atMost   int // rows a unit
	survey   *survey
	done     int                          // rows run
	told     int                          // of them, those that progress has heard of
	passes   int                          // how often each row is run in all
	ids      map[string]map[string]string // prefix → key → id
	bad      map[string]map[string]bool   // prefix → key of a row that failed
}

func newRun(nouns Nouns, a access.Actor, progress Progress) *run {
	r := &run{Nouns: nouns, actor: a, now: nouns.Core.Time(), tables: tables(), progress: progress, atMost: nouns.Core.DB.Bulk()}
	if !a.IsSystem() { // first passwords are for whoever runs the program
		r.atMost = min(r.atMost, beside)
		r.tables = slices.DeleteFunc(r.tables, func(t table) bool { return t.name == accounts().name })
	}
	return r
}

// outcome is what one row came to.
type outcome struct {
	id       string
	known    bool // an earlier import took it
	problems []sheet.Problem
	remarks  []sheet.Problem

	credential *Credential // of a new account with a password made up here
}

func (r *run) begin() {
	r.ids, r.bad = map[string]map[string]string{}, map[string]map[string]bool{}
	for _, t := range r.tables {
		r.ids[t.prefix], r.bad[t.prefix] = map[string]string{}, map[string]bool{}
	}
}

func (r *run) step() {
	r.done++
	r.tell()
}

// tell says how far the import is, step by step, once it is known of how many rows.
func (r *run) tell() {
	if r.progress == nil || !r.survey.ended() {
		return
	}
	for ; r.told < r.done; r.told++ {
		r.progress(r.told+1, r.passes*r.survey.rows)
	}
}

// write runs every row for good, a chunk a unit.
func (r *run) write(ctx context.Context, sheets []loaded) (*Report, error) {
	r.begin()
	report := &Report{IDs: map[string]map[string]string{}}
	for _, s := range sheets {
		file := FileReport{File: s.Name}
		report.IDs[s.table.name] = map[string]string{}
		err := r.units(ctx, s, func(rows []sheet.Row, outcomes []outcome) { r.take(s, rows, outcomes, &file, report) })
		report.Files = append(report.Files, file)
		if err != nil {
			return report, fmt.Errorf("import %s (%d rows are written; repeat the import): %w", s.Name, file.Made, err)
		}
	}
	return report, nil
}

// units writes a file's chunks, atOnce of them under way, and hands on their outcomes
// in order. After an error, or when ctx ends, no further one begins; what has begun is
// waited for, so that whoever repeats the import finds it there.
func (r *run) units(ctx context.Context, s loaded, done func([]sheet.Row, []outcome)) (err error) {
	type unit struct {
		rows     []sheet.Row
		outcomes []outcome
		err      error
	}
	var under []chan unit
	most := atOnce
	if s.table.chained {
		most = 1
	}
	collect := func() {
		u := <-under[0]
		under = under[1:]
		if u.err == nil {
			done(u.rows, u.outcomes)
		}
		if err == nil {
			err = u.err
		}
	}
	for rows := range chunks(s.Rows(), r.atMost) {
		if len(under) == most {
			collect()
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			break
		}
		answer := make(chan unit, 1)
		go func() {
			u := unit{rows: rows}
			defer func() {
				if p := recover(); p != nil { // it must not take the process along
					u.err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				}
				answer <- u
			}()
			u.outcomes, u.err = r.unit(context.WithoutCancel(ctx), s, rows)
		}()
		under = append(under, answer)
	}
	for len(under) > 0 {
		collect()
	}
	return err
}

// take counts what a unit came to.
func (r *run) take(s loaded, rows []sheet.Row, outcomes []outcome, file *FileReport, report *Report) {
	for i, o := range outcomes {
		if o.known {
			file.Known++
		} else {
			file.Made++
		}
		report.Remarks = append(report.Remarks, o.remarks...)
		if o.credential != nil && !o.known {
			report.Accounts = append(report.Accounts, *o.credential)
		}
		key := rows[i].Text(keyColumn)
		if key != "" {
			report.IDs[s.table.name][key] = o.id
		}
		r.note(s.table.prefix, key, o)
		r.step()
	}
}

// chunks gathers rows for units of work.
func chunks(rows iter.Seq2[sheet.Row, []sheet.Problem], most int) iter.Seq[[]sheet.Row] {
	return func(yield func([]sheet.Row) bool) {
		var some []sheet.Row
		for row := range rows {
			if some = append(some, row); len(some) == most {
				if !yield(some) {
					return
				}
				some = nil
			}
		}
		if len(some) > 0 {
			yield(some)
		}
	}
}

// unit writes some rows of a file at once or not at all.
func (r *run) unit(ctx context.Context, s loaded, rows []sheet.Row) ([]outcome, error) {
	outcomes := make([]outcome, len(rows))
	err := r.Core.DB.Tx(usecase.InBulk(ctx), func(ctx context.Context) error {
		if err := r.expect(ctx, s, rows); err != nil {
			return err
		}
		for i, row := range rows {
			outcomes[i] = r.row(ctx, s, row)
			if problems := outcomes[i].problems; len(problems) > 0 {
				return &Invalid{Problems: problems, Total: len(problems)}
			}
		}
		return nil
	})
	return outcomes, err
}

// row runs one row inside the unit of ctx.
func (r *run) row(ctx context.Context, s loaded, row sheet.Row) (o outcome) {
	receipt, content := r.receipt(s, row), s.content(row)
	ids, again, err := r.Core.Once.Kept().Done(ctx, receipt, content)
	if err != nil {
		return outcome{problems: []sheet.Problem{s.problem(row, err)}}
	}
	if again {
		return outcome{id: ids[0], known: true}
	}
	if o, stands := r.standing(ctx, s, row); stands {
		return o
	}
	c := &cells{Row: row, file: s.Name, run: r}
	act := s.table.make(c)
	if o.problems = c.problems; len(o.problems) > 0 || c.orphan {
		return o
	}
	var notices []usecase.Notice
	ids, _, err = r.Core.Once.Kept().Do(ctx, receipt, content,
		func(ctx context.Context) ([]string, error) {
			id, told, err := act(ctx, r)
			notices = told
			return []string{id}, err
		})
	if err != nil {
		o.problems = []sheet.Problem{s.problem(row, err)}
		return o
	}
	o.id, o.credential = ids[0], c.credential
	for _, n := range notices {
		o.remarks = append(o.remarks, s.remark(row, n))
	}
	return o
}

// receipt tells a row from all others of its kind: by its key, or else by its place
// in this very file. An account's rows are its own.
func (r *run) receipt(s loaded, row sheet.Row) string {
	key := row.Text(keyColumn)
	if key == "" {
		key = s.digest + "\x1f" + itoa(row.Number)
	}
	by := "import"
	if !r.actor.IsSystem() {
		by += " by " + r.actor.ID
	}
	return by + "\x1f" + s.table.name + "\x1f" + key
}

// content is a digest of what the row says, however the file arranges it: columns
// that are empty, or that nobody reads, do not count.
func (s loaded) content(row sheet.Row) string {
	h := sha256.New()
	for i, cell := range row.Filled() {
		if c := s.table.columns[i]; !slices.Contains(unread, c.Name) {
			_, _ = io.WriteString(h, c.Name+"\x1f"+cell+"\x1f") // a hash does not fail
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// note remembers what a row became, for the rows that refer to it.
func (r *run) note(prefix, key string, o outcome) {
	if key == "" {
		return // nothing refers to it
	}
	if o.id == "" || len(o.problems) > 0 {
		r.bad[prefix][key] = true
		return
	}
	r.ids[prefix][key] = o.id
}
