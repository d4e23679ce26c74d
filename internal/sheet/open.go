package sheet

import (
	"bytes"
	"fmt"
	"iter"
	"slices"

	"github.com/fivesociety/linkage/internal/fault"
)

// titleRows is how far from the top the header may stand: titles, remarks and the
// rules of a template may be above it.
const titleRows = 10

// File is a table that was opened: it has a header that fits, and its rows can be
// read as often as wanted. Close it.
type File struct {
	Name    string
	columns []Column
	source  source
	header  int   // its row
	places  []int // of each of the file's cells the place among a row's, -1 for none
	shape   *shape
	kept    *kept // the rows, once they were read to the end and were not too many
}

// maxKept is about how many bytes of rows are kept in memory for the next reading: to
// unpack and take apart a workbook costs more than most of what is done with a row.
const maxKept = 48 << 20

// kept are rows with their problems.
type kept struct {
	rows     []Row
	problems map[int][]Problem // by place in rows
	size     int
}

// add reports whether there was room.
func (k *kept) add(r Row, problems []Problem) bool {
	if len(problems) > 0 {
		k.problems[len(k.rows)] = problems
	}
	k.size += rowSize
	for i, cell := range r.cells {
		if k.size += cellSize; k.repeats(i, cell) {
			r.cells[i] = k.rows[len(k.rows)-1].cells[i]
			continue
		}
		k.size += len(cell)
	}
	k.rows = append(k.rows, r)
	return k.size <= maxKept
}

// repeats reports whether the row before has the same cell: many rows of a file are of
// one community, with one skill, and one copy serves them.
func (k *kept) repeats(i int, cell string) bool {
	return len(k.rows) > 0 && k.rows[len(k.rows)-1].cells[i] == cell
}

// rowSize and cellSize are what a row and a cell take beside their text.
const rowSize, cellSize = 40, 16

// source gives the rows of one kind of file.
type source interface {
	// lines begins at the top. Cells are as written; close is called at the end.
	lines() (next func() (line, *Problem), close func(), problem *Problem)
	close() error
}

// line is a row as the file has it; cells is nil behind the last one.
type line struct {
	number int
	cells  []string
	merged string // the first cell of a block over several columns that the row is in
}

// Open reads as far as the header and fits it to the columns. The name's ending does
// not matter: the content says what it is. With problems there is nothing to read.
func Open(name string, data []byte, columns []Column) (*File, []Problem) {
	f := &File{Name: name, columns: columns}
	var problem *Problem
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		f.source, problem = openBook(name, data)
	} else {
		f.source, problem = openText(name, data)
	}
	if problem != nil {
		return nil, []Problem{*problem}
	}
	if problems := f.findHeader(); len(problems) > 0 {
		_ = f.source.close() // it was only read
		return nil, problems
	}
	return f, nil
}

// Close gives back what the file holds, on disk too.
func (f *File) Close() error { return f.source.close() }

// findHeader takes the row near the top that names most columns.
func (f *File) findHeader() []Problem {
	next, done, problem := f.source.lines()
	if problem != nil {
		return []Problem{*problem}
	}
	defer done()
	var best line
	most := -1
	for range titleRows {
		l, problem := next()
		if problem != nil {
			return []Problem{*problem}
		}
		if l.cells == nil {
			break
		}
		if n := known(l.cells, f.columns); n > most {
			best, most = line{number: l.number, cells: slices.Clone(l.cells)}, n
		}
	}
	if best.cells == nil {
		return []Problem{{File: f.Name, Row: 1, Code: fault.CodeRequired, Zh: "文件是空的，须有一行表头。", En: "The file is empty; it must have a header."}}
	}
	names, problems := match(f.Name, best.number, best.cells, f.columns)
	f.fit(best, names)
	return problems
}

// fit notes which cell belongs to which column.
func (f *File) fit(header line, names []string) {
	f.header = header.number
	f.shape = &shape{index: map[string]int{}, heads: make([]string, len(f.columns))}
	if b, ok := f.source.(*book); ok {
		f.shape.y1904 = b.y1904
	}
	for i, c := range f.columns {
		f.shape.index[c.Name] = i
		slot := -1
		if at := slices.Index(names, c.Name); at >= 0 {
			slot, f.shape.heads[i] = len(f.shape.there), header.cells[at]
			f.shape.there = append(f.shape.there, i)
		}
		f.shape.slots = append(f.shape.slots, slot)
	}
	f.places = make([]int, len(names))
	for i, name := range names {
		f.places[i] = -1
		if at, ok := f.shape.index[name]; ok {
			f.places[i] = f.shape.slots[at]
		}
	}
}

// Rows reads the rows below the header in their order, each with what is wrong in it;
// blank ones are passed over. A file that cannot be read on ends with a row without
// cells and the problem.
func (f *File) Rows() iter.Seq2[Row, []Problem] {
	return func(yield func(Row, []Problem) bool) {
		if f.kept == nil {
			f.read(yield)
			return
		}
		for i, row := range f.kept.rows {
			if !yield(row, f.kept.problems[i]) {
				return
			}
		}
	}
}

// read is Rows from the file itself; it keeps them if it comes to the end.
func (f *File) read(yield func(Row, []Problem) bool) {
	next, done, problem := f.source.lines()
	if problem != nil {
		yield(Row{shape: f.shape}, []Problem{*problem})
		return
	}
	defer done()
	keep := &kept{problems: map[int][]Problem{}}
	for {
		l, problem := next()
		if problem != nil {
			yield(Row{Number: problem.Row, shape: f.shape}, []Problem{*problem})
			return
		}
		if l.cells == nil {
			f.kept = keep
			return
		}
		if l.number <= f.header {
			continue
		}
		row, problems := f.row(l)
		if keep != nil && !keep.add(row, problems) {
			keep = nil
		}
		if !yield(row, problems) {
			return
		}
	}
}

func (f *File) row(l line) (Row, []Problem) {
	row := Row{Number: l.number, cells: make([]string, len(f.shape.there)), shape: f.shape}
	if l.merged != "" {
		return row, []Problem{{
			File: f.Name, Row: l.number, Code: fault.CodeInvalid,
			Zh: "从 " + l.merged + " 起有跨列合并的单元格，看不出各列的内容；请取消合并。",
			En: "Cells are merged across columns from " + l.merged + " on, so that it is not clear what each column holds; unmerge them.",
		}}
	}
	if len(l.cells) > len(f.places) {
		return row, []Problem{{
			File: f.Name, Row: l.number, Code: fault.CodeTooMany,
			Zh: fmt.Sprintf("这一行有 %d 格，表头只有 %d 列；CSV 内容里的逗号须加引号。", len(l.cells), len(f.places)),
			En: fmt.Sprintf("The row has %d cells, the header has %d; in CSV put content with a comma in quotes.", len(l.cells), len(f.places)),
		}}
	}
	var problems []Problem
	for i, cell := range l.cells {
		at := f.places[i]
		if at < 0 {
			continue
		}
		var code fault.Code
		var zh, en string
		if row.cells[at], code, zh, en = settle(cell); code != "" {
			problems = append(problems, Problem{File: f.Name, Row: l.number, Column: f.shape.heads[f.shape.there[at]], Code: code, Zh: zh, En: en})
		}
	}
	for i, c := range f.columns {
		if c.Required && row.cell(i) == "" {
			problems = append(problems, Problem{File: f.Name, Row: l.number, Column: row.Head(c.Name), Code: fault.CodeRequired, Zh: "此项必填。", En: "This is required."})
		}
	}
	return row, problems
}
