package sheet

import "iter"

// Row is one row. Number is what the spreadsheet shows beside it.
type Row struct {
	Number int
	cells  []string // of the columns that the file has, in the order of shape.there
	shape  *shape
}

// shape is what all rows of a file share.
type shape struct {
	index map[string]int // column name → its place among all that there may be
	heads []string       // as the file has them, in the order of the columns; "" where absent
	slots []int          // of each column its place in a row's cells, -1 where absent
	there []int          // the columns that the file has, in their order
	y1904 bool           // days are counted from 1904
}

// cell is the content of a column by its place among all that there may be.
func (r Row) cell(column int) string {
	if slot := r.shape.slots[column]; slot >= 0 && slot < len(r.cells) {
		return r.cells[slot]
	}
	return ""
}

// Text is the trimmed content of a column, "" when empty or absent.
func (r Row) Text(column string) string {
	if i, ok := r.shape.index[column]; ok {
		return r.cell(i)
	}
	return ""
}

// Head is a column's header as the file has it; the column's own name when the file
// leaves it out.
func (r Row) Head(column string) string {
	if i, ok := r.shape.index[column]; ok && r.shape.heads[i] != "" {
		return r.shape.heads[i]
	}
	return column
}

// Has reports whether the file has a column at all.
func (r Row) Has(column string) bool {
	i, ok := r.shape.index[column]
	return ok && r.shape.heads[i] != ""
}

// Days1904 reports whether the file counts days from 1904 on, not from 1900.
func (r Row) Days1904() bool { return r.shape.y1904 }

// Cells are all contents in the order of the columns there may be: what the row says,
// however the file arranges it.
func (r Row) Cells() []string {
	out := make([]string, len(r.shape.slots))
	for i := range out {
		out[i] = r.cell(i)
	}
	return out
}

// Filled are the columns that are not empty, by their place among all that there may be
// and in that order, with their contents.
func (r Row) Filled() iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for slot, cell := range r.cells {
			if cell != "" && !yield(r.shape.there[slot], cell) {
				return
			}
		}
	}
}
