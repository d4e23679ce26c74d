package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/fivesociety/linkage/internal/fault"
)

// Sheet is one file that was read: its rows in order, without empty ones.
type Sheet struct {
	File string
	Rows []Row
}

// Row is one row. Number is what the spreadsheet shows beside it.
type Row struct {
	Number int
	cells  map[string]string // by column name
	heads  map[string]string // column name → header as the file has it; shared by all rows
}

// Text is the trimmed content of a column, "" when empty or absent.
func (r Row) Text(column string) string { return r.cells[column] }

// Head is a column's header as the file has it; the column's own name when the
// file leaves it out.
func (r Row) Head(column string) string {
	if h := r.heads[column]; h != "" {
		return h
	}
	return column
}

// Cells are all contents in the order of the given columns: what the row says,
// however the file arranges it.
func (r Row) Cells(columns []Column) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = r.cells[c.Name]
	}
	return out
}

// Read reads a file against the columns it may have. With problems the sheet holds
// the rows that could be read; none when the header or the encoding is wrong.
func Read(file string, data []byte, columns []Column) (*Sheet, []Problem) {
	s := &Sheet{File: file}
	plain, problem := decode(file, data)
	if problem != nil {
		return s, []Problem{*problem}
	}
	reader := csv.NewReader(strings.NewReader(plain))
	reader.FieldsPerRecord = -1
	scan := scanner{file: file, reader: reader}
	header, problem := scan.next()
	if problem != nil {
		return s, []Problem{*problem}
	}
	if header == nil {
		return s, []Problem{{File: file, Row: 1, Code: fault.CodeRequired, Zh: "文件是空的，第一行应为表头。", En: "The file is empty; its first row must be the header."}}
	}
	names, problems := match(file, scan.row, header, columns)
	if len(problems) > 0 {
		return s, problems
	}
	return s, s.fill(&scan, names, header, columns)
}

func (s *Sheet) fill(scan *scanner, names, header []string, columns []Column) (problems []Problem) {
	heads := map[string]string{}
	for i, name := range names {
		if name != "" {
			heads[name] = strings.TrimSpace(header[i])
		}
	}
	for {
		record, problem := scan.next()
		if problem != nil {
			return append(problems, *problem)
		}
		if record == nil {
			return problems
		}
		if len(record) > len(names) {
			problems = append(problems, Problem{
				File: s.File, Row: scan.row, Code: fault.CodeTooMany,
				Zh: fmt.Sprintf("这一行有 %d 格，表头只有 %d 列；内容里的逗号须加引号。", len(record), len(names)),
				En: fmt.Sprintf("The row has %d cells, the header has %d; put content with a comma in quotes.", len(record), len(names)),
			})
			continue
		}
		row := Row{Number: scan.row, cells: map[string]string{}, heads: heads}
		for i, cell := range record {
			if names[i] != "" {
				row.cells[names[i]] = cell
			}
		}
		problems = append(problems, row.missing(s.File, columns)...)
		s.Rows = append(s.Rows, row)
	}
}

// missing tells which required columns are empty in the row.
func (r Row) missing(file string, columns []Column) (problems []Problem) {
	for _, c := range columns {
		if c.Required && r.cells[c.Name] == "" {
			problems = append(problems, Problem{File: file, Row: r.Number, Column: r.Head(c.Name), Code: fault.CodeRequired, Zh: "此项必填。", En: "This is required."})
		}
	}
	return problems
}

// scanner reads records and keeps count of the spreadsheet's rows: a line break
// inside quotes does not begin a row, an empty line does.
type scanner struct {
	file   string
	reader *csv.Reader
	row    int // of the last record
	inside int // line breaks inside cells so far
}

// next is the next record that is not blank, trimmed and without empty cells at its
// end; nil at the end of the file.
func (s *scanner) next() ([]string, *Problem) {
	for {
		record, err := s.reader.Read()
		var parse *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil, nil
		case errors.As(err, &parse):
			return nil, &Problem{
				File: s.file, Row: parse.StartLine - s.inside, Code: fault.CodeInvalid,
				Zh: "引号不配对：内容里的引号须写两遍，并把整格放在引号里。",
				En: "Quotes do not match: double a quote inside a cell and put the whole cell in quotes.",
			}
		case err != nil:
			return nil, &Problem{File: s.file, Code: fault.CodeInvalid, Zh: "无法读取。", En: "Cannot be read."}
		}
		line, _ := s.reader.FieldPos(0)
		s.row = line - s.inside
		last := 0
		for i, cell := range record {
			s.inside += strings.Count(cell, "\n")
			if record[i] = strings.TrimSpace(cell); record[i] != "" {
				last = i + 1
			}
		}
		if last > 0 {
			return record[:last], nil
		}
	}
}
