package intake

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/post"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/sheet"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/team"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// Nouns are the services that rows become objects of.
type Nouns struct {
	Core          *usecase.Core
	Divisions     *division.Service
	Communities   *community.Service
	Stations      *station.Service
	Organisations *organisation.Service
	Workers       *socialworker.Service
	Volunteers    *volunteer.Service
	Teams         *team.Service
	Posts         *post.Service
	Recipients    *recipient.Service
	Resources     *resource.Service
	Requests      *request.Service
	Accounts      *account.Service
}

// Report is what an import did.
type Report struct {
	Files    []FileReport
	Accounts []Credential                 // with passwords made up here; they are told only once
	Remarks  []sheet.Problem              // rows that were taken but deserve a look
	IDs      map[string]map[string]string // file name without .csv → key → id
}

// FileReport counts the rows of one file.
type FileReport struct {
	File  string
	Made  int // objects that this import made
	Known int // rows that an earlier import had taken already
}

// Credential is how a new account signs in for the first time.
type Credential struct{ Name, Password string }

// A message lists maxListed problems one by one, a sheet of them maxKept.
const (
	maxListed = 100
	maxKept   = 10_000
)

// Invalid is IMPORT_INVALID: what is wrong, row by row. Nothing was written.
type Invalid struct {
	Problems []sheet.Problem // at most 10,000, in the order of the files
	Total    int
}

// Error is the list in English, for logs.
func (e *Invalid) Error() string { return e.Message("en") }

// Unwrap lets fault.CodeOf find IMPORT_INVALID.
func (e *Invalid) Unwrap() error {
	return fault.New(fault.CodeImportInvalid, fault.P("rows", e.Total))
}

// Message is the whole list for people, in a language.
func (e *Invalid) Message(locale string) string {
	var b strings.Builder
	b.WriteString(fault.New(fault.CodeImportInvalid, fault.P("rows", e.Total)).Message(locale))
	listed := e.Problems[:min(len(e.Problems), maxListed)]
	for _, p := range listed {
		b.WriteString("\n  " + p.Message(locale))
	}
	if more := e.Total - len(listed); more > 0 {
		if strings.HasPrefix(locale, "en") {
			fmt.Fprintf(&b, "\n  … and %d more", more)
		} else {
			fmt.Fprintf(&b, "\n  …… 另有 %d 处", more)
		}
	}
	return b.String()
}

func (e *Invalid) add(problems ...sheet.Problem) {
	e.Total += len(problems)
	room := max(0, maxKept-len(e.Problems))
	e.Problems = append(e.Problems, problems[:min(room, len(problems))]...)
}

// Write writes the problems as a table, to be worked through beside the one that has
// them.
func (e *Invalid) Write(to io.Writer, format sheet.Format, locale string) error {
	english := strings.HasPrefix(locale, "en")
	columns := []sheet.Column{{Name: "file", Also: []string{"文件"}}, {Name: "row", Also: []string{"行"}}, {Name: "column", Also: []string{"列"}}, {Name: "reason", Also: []string{"原因"}}, {Name: "code", Also: []string{"代码"}}}
	w, err := sheet.Write(to, format, columns, locale)
	if err != nil {
		return err
	}
	for _, p := range e.Problems {
		row, reason := "", p.Zh
		if p.Row > 0 {
			row = itoa(p.Row)
		}
		if english {
			reason = p.En
		}
		if err := w.Row([]string{p.File, row, p.Column, reason, string(p.Code)}); err != nil {
			return err
		}
	}
	return w.Close()
}

// Progress says how far an import is: rows of all passes.
type Progress func(done, total int)

// Import takes tables (CSV, XLSX) into the store, as the system itself. Everything is
// checked before the first write: with anything wrong the error is an *Invalid that
// names file, row and column, and nothing is written. Rows are then written in units
// of work; if the store fails in between, what was written stays, and repeating the
// import goes on from there: a row that was taken before is left alone. A row is known
// by its table and its key, with other content it is an error; one without a key by
// the file's digest and its number. progress may be nil.
func Import(ctx context.Context, inputs []Input, nouns Nouns, progress Progress) (*Report, error) {
	return ImportAs(ctx, access.System("import"), inputs, nouns, progress)
}

// ImportAs is Import with the rights of an actor: a row that they could not type is a
// problem, tables of accounts are unknown, and what earlier imports of others took is
// nothing to them.
func ImportAs(ctx context.Context, a access.Actor, inputs []Input, nouns Nouns, progress Progress) (*Report, error) {
	r := newRun(nouns, a, progress)
	sheets, err := r.prepare(ctx, inputs, 2)
	defer closeAll(sheets)
	if err != nil {
		return nil, err
	}
	return r.write(ctx, sheets)
}

// Check finds out whether Import would take the tables, and writes nothing.
func Check(ctx context.Context, inputs []Input, nouns Nouns, progress Progress) error {
	return CheckAs(ctx, access.System("import"), inputs, nouns, progress)
}

// CheckAs is Check with the rights of an actor; see ImportAs.
func CheckAs(ctx context.Context, a access.Actor, inputs []Input, nouns Nouns, progress Progress) error {
	r := newRun(nouns, a, progress)
	sheets, err := r.prepare(ctx, inputs, 1)
	closeAll(sheets)
	return err
}

// ImportFolder is Import of the tables at the root of a folder.
func ImportFolder(ctx context.Context, files fs.FS, nouns Nouns, progress Progress) (*Report, error) {
	inputs, err := Folder(files)
	if err != nil {
		return nil, err
	}
	return Import(ctx, inputs, nouns, progress)
}

func closeAll(sheets []loaded) {
	for _, s := range sheets {
		_ = s.Close() // it was only read
	}
}

// prepare reads and rehearses; passes is how often each row will be run in all. What is
// wrong in the files themselves is told alone.
func (r *run) prepare(ctx context.Context, inputs []Input, passes int) ([]loaded, error) {
	var unfit, wrong Invalid
	sheets := r.read(inputs, &unfit)
	read := begin(sheets, r.atMost)
	defer func() { _ = read.end(true) }() // for a panic; else it has ended
	if unfit.Total > 0 {
		if err := read.end(false); err != nil && fault.CodeOf(err) != fault.CodeImportInvalid {
			return sheets, err
		}
		unfit.add(read.wrong.Problems...)
		unfit.Total += read.wrong.Total - len(read.wrong.Problems)
		return sheets, &unfit
	}
	r.survey, r.passes = read, passes
	err := r.rehearse(ctx, sheets, &wrong)
	found := read.end(err != nil)
	switch {
	case err != nil:
		return sheets, fmt.Errorf("check import: %w", err)
	case found != nil:
		return sheets, found
	case wrong.Total > 0:
		return sheets, &wrong
	}
	r.tell()
	return sheets, nil
}
