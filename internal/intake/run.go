package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/sheet"
	"github.com/fivesociety/linkage/internal/usecase"
)

// chunk is how many rows one unit of work writes.
const chunk = 200

// run is one import under way.
type run struct {
	Nouns
	actor       access.Actor
	now         time.Time
	progress    func(done, total int)
	done, total int
	ids         map[string]map[string]string // prefix → key → id
	bad         map[string]map[string]bool   // prefix → key of a row that failed
	credentials []Credential                 // of the unit under way
}

// outcome is what one row came to.
type outcome struct {
	id       string
	known    bool // an earlier import took it
	problems []sheet.Problem
	remarks  []sheet.Problem
}

func (r *run) begin() { r.ids, r.bad = map[string]map[string]string{}, map[string]map[string]bool{} }

func (r *run) step() {
	r.done++
	if r.progress != nil {
		r.progress(r.done, r.total)
	}
}

// rehearse runs every row without writing and gathers what is wrong.
func (r *run) rehearse(ctx context.Context, sheets []loaded, wrong *Invalid) error {
	r.begin()
	return r.Core.DB.Rehearse(ctx, func(ctx context.Context, unique func() error) error {
		for _, s := range sheets {
			for _, row := range s.Rows {
				if err := ctx.Err(); err != nil {
					return err
				}
				o := r.row(ctx, s, row)
				if err := unique(); err != nil {
					if fault.KindOf(err) == fault.Internal || fault.KindOf(err) == fault.Unavailable {
						return err
					}
					o.problems = append(o.problems, s.problem(row, err))
				}
				wrong.add(o.problems...)
				r.note(s.table.prefix, row.Text(keyColumn), o)
				r.step()
			}
		}
		r.credentials = nil
		return nil
	})
}

// write runs every row for good, a chunk a unit.
func (r *run) write(ctx context.Context, sheets []loaded) (*Report, error) {
	r.begin()
	report := &Report{IDs: map[string]map[string]string{}}
	for _, s := range sheets {
		file := FileReport{File: s.File}
		report.IDs[s.table.name] = map[string]string{}
		for rows := range slices.Chunk(s.Rows, chunk) {
			outcomes, err := r.unit(ctx, s, rows)
			if err != nil {
				return report, fmt.Errorf("import %s rows %d to %d (all before is written; repeat the import): %w", s.File, rows[0].Number, rows[len(rows)-1].Number, err)
			}
			for i, o := range outcomes {
				if o.known {
					file.Known++
				} else {
					file.Made++
				}
				report.Remarks = append(report.Remarks, o.remarks...)
				report.IDs[s.table.name][rows[i].Text(keyColumn)] = o.id
				r.note(s.table.prefix, rows[i].Text(keyColumn), o)
				r.step()
			}
			report.Accounts = append(report.Accounts, r.credentials...)
		}
		report.Files = append(report.Files, file)
	}
	return report, nil
}

// unit writes some rows of a file at once or not at all.
func (r *run) unit(ctx context.Context, s loaded, rows []sheet.Row) ([]outcome, error) {
	outcomes := make([]outcome, len(rows))
	err := r.Core.DB.Tx(ctx, func(ctx context.Context) error {
		r.credentials = nil
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
	c := &cells{Row: row, file: s.File, run: r}
	act := s.table.make(c)
	if o.problems = c.problems; len(o.problems) > 0 || c.orphan {
		return o
	}
	var notices []usecase.Notice
	sum := sha256.Sum256([]byte(strings.Join(row.Cells(s.table.columns), "\x1f")))
	ids, again, err := r.Core.Once.Do(ctx, "import\x1f"+s.table.name+"\x1f"+row.Text(keyColumn), hex.EncodeToString(sum[:]),
		func(ctx context.Context) ([]string, error) {
			id, told, err := act(ctx, r)
			notices = told
			return []string{id}, err
		})
	if err != nil {
		o.problems = []sheet.Problem{s.problem(row, err)}
		return o
	}
	o.id, o.known = ids[0], again
	for _, n := range notices {
		o.remarks = append(o.remarks, s.remark(row, n))
	}
	return o
}

// note remembers what a row became, for the rows that refer to it.
func (r *run) note(prefix, key string, o outcome) {
	if r.ids[prefix] == nil {
		r.ids[prefix], r.bad[prefix] = map[string]string{}, map[string]bool{}
	}
	if o.id == "" || len(o.problems) > 0 {
		r.bad[prefix][key] = true
		return
	}
	r.ids[prefix][key] = o.id
}

// problem tells an error of a use case in the terms of the file.
func (s loaded) problem(row sheet.Row, err error) sheet.Problem {
	p := sheet.Problem{File: s.File, Row: row.Number, Code: fault.CodeOf(err)}
	e, ok := fault.As(err)
	switch {
	case !ok:
		p.Zh, p.En = "内部错误："+err.Error(), "Internal error: "+err.Error()
	case e.Code == fault.CodeIdempotencyKeyReused:
		p.Column = row.Head(keyColumn)
		p.Zh, p.En = "以前导入过同一标识的行，但内容不同；请改用新的标识，或在系统中修改。", "A row with this key was imported before with other content: use a new key, or change the object itself."
	default:
		p.Column, p.Zh, p.En = s.column(row, e.Path), e.Message("zh"), e.Message("en")
		if field, _ := e.Params["field"].(string); p.Column == "" {
			p.Column = s.column(row, []string{field})
		}
	}
	return p
}

func (s loaded) remark(row sheet.Row, n usecase.Notice) sheet.Problem {
	zh, en := context.Background(), codes.WithLocale(context.Background(), "en")
	return sheet.Problem{File: s.File, Row: row.Number, Column: s.column(row, n.Path), Code: fault.Code(n.Code), Zh: n.Message(zh), En: n.Message(en)}
}

// fields are the fields of the API that stand in a column of another name.
var fields = map[string]string{
	"window": "from", "name": keyColumn, "login": keyColumn, "communityIds": "community", "role": "roles", "scopeId": "roles", "guardianConsent": "guardianName",
}

// column is the header of the input field that a path names. Columns are named
// after the fields of the API; a reference without its Id.
func (s loaded) column(row sheet.Row, path []string) string {
	for _, means := range []func(field, column string) bool{
		func(field, column string) bool { return field == column || field == column+"Id" },
		func(field, column string) bool { return fields[field] == column },
	} {
		for _, field := range path {
			for _, c := range s.table.columns {
				if means(field, c.Name) {
					return row.Head(c.Name)
				}
			}
		}
	}
	return ""
}
