package sheet

// Row is one row. Number is what the spreadsheet shows beside it.
type Row struct {
	Number int
	cells  []string // in the order of the columns the file may have
	shape  *shape
}

// shape is what all rows of a file share.
type shape struct {
	index map[string]int // column name → place in cells
	heads []string       // as the file has them, in the order of the columns; "" where absent
	y1904 bool           // days are counted from 1904
}

// Text is the trimmed content of a column, "" when empty or absent.
func (r Row) Text(column string) string {
	if i, ok := r.shape.index[column]; ok {
		return r.cells[i]
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

// Cells are all contents in the order of the columns: what the row says, however the
// file arranges it. They are not to be changed.
func (r Row) Cells() []string { return r.cells }
