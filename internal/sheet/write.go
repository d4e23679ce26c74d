package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Format is a form of file.
type Format string

// The forms. CSV is written in UTF-8 with a byte-order mark, which spreadsheets need
// to see that it is.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Writer writes a table row by row. Close completes it.
type Writer struct {
	columns []Column
	csv     *csv.Writer
	to      io.Writer
	book    *excelize.File
	rows    *excelize.StreamWriter
	row     int
}

// Write begins a table with the header in a locale's words ("en", else Chinese). A
// workbook's cells are texts all over, so that no number loses its digits.
func Write(to io.Writer, format Format, columns []Column, locale string) (*Writer, error) {
	w := &Writer{columns: columns, to: to}
	if err := w.begin(format, "data"); err != nil {
		return nil, err
	}
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.Title(locale)
	}
	return w, w.put(titles, 0)
}

func (w *Writer) begin(format Format, name string) (err error) {
	if format == CSV {
		w.csv = csv.NewWriter(w.to)
		_, err = io.WriteString(w.to, byteOrderMark)
		return err
	}
	w.book = excelize.NewFile()
	if err := w.book.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	text, err := w.book.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return err
	}
	if w.rows, err = w.book.NewStreamWriter(name); err != nil {
		return err
	}
	if err := w.rows.SetColWidth(1, len(w.columns), 18); err != nil {
		return err
	}
	for i := range w.columns { // texts below the rows too, where people go on writing
		if err := w.rows.SetColStyle(i+1, i+1, text); err != nil {
			return err
		}
	}
	return nil
}

// Row writes one row, cells in the order of the columns.
func (w *Writer) Row(cells []string) error { return w.put(cells, 0) }

func (w *Writer) put(cells []string, style int) error {
	w.row++
	if w.csv != nil {
		safe := make([]string, len(cells))
		for i, c := range cells {
			safe[i] = escape(c)
		}
		return w.csv.Write(safe)
	}
	values := make([]any, len(cells))
	for i, c := range cells {
		values[i] = excelize.Cell{StyleID: style, Value: escape(c)}
	}
	at, err := excelize.CoordinatesToCellName(1, w.row)
	if err != nil {
		return fmt.Errorf("row %d: %w", w.row, err)
	}
	return w.rows.SetRow(at, values)
}

// Close completes the file; the writer below is the caller's to close.
func (w *Writer) Close() error {
	if w.csv != nil {
		w.csv.Flush()
		return w.csv.Error()
	}
	defer func() { _ = w.book.Close() }()
	if err := w.rows.Flush(); err != nil {
		return err
	}
	_, err := w.book.WriteTo(w.to)
	return err
}

// Template writes an empty table for people to fill in: a title, the rule of each
// column in words, the header in both languages, and lists to choose from. It can be
// read as it is: what stands above the header is passed over.
func Template(to io.Writer, format Format, title string, columns []Column) error {
	w := &Writer{columns: columns, to: to}
	if err := w.begin(format, "data"); err != nil {
		return err
	}
	if w.csv == nil {
		if err := w.offer(); err != nil {
			return err
		}
	}
	rules, heads := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		rules[i] = rule(c)
		heads[i] = c.Title("zh")
		if heads[i] != c.Name {
			heads[i] += " (" + c.Name + ")"
		}
		if c.Required {
			heads[i] += " *"
		}
	}
	for _, row := range [][]string{{title}, rules, heads} {
		if err := w.put(row, 0); err != nil {
			return err
		}
	}
	return w.Close()
}

// rule is all there is to say of a column in both languages.
func rule(c Column) string {
	var parts []string
	for _, s := range []string{c.Zh, c.En} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if c.Required {
		parts = slices.Insert(parts, 0, "必填 required")
	}
	return strings.Join(parts, "\n")
}

// offered bounds what fits into one list of a cell: 255 characters in the format.
const offered = 255

// offer puts lists to choose from into the columns that have options. Lists that are
// too long for a cell stand on a second sheet.
func (w *Writer) offer() error {
	const lists = "lists"
	made := false
	for i, c := range w.columns {
		if len(c.Options) == 0 {
			continue
		}
		column, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		check := excelize.NewDataValidation(true)
		check.Sqref = fmt.Sprintf("%s4:%s10000", column, column)
		check.SetError(excelize.DataValidationErrorStyleWarning, "", "不在列表中 not in the list")
		if len(strings.Join(c.Options, ",")) <= offered {
			err = check.SetDropList(c.Options)
		} else {
			if !made {
				if _, err := w.book.NewSheet(lists); err != nil {
					return err
				}
				if err := w.book.SetSheetVisible(lists, false); err != nil {
					return err
				}
				made = true
			}
			if err := w.book.SetSheetCol(lists, column+"1", &c.Options); err != nil {
				return err
			}
			check.SetSqrefDropList(fmt.Sprintf("%s!$%s$1:$%s$%d", lists, column, column, len(c.Options)))
		}
		if err != nil {
			return err
		}
		if err := w.book.AddDataValidation("data", check); err != nil {
			return err
		}
	}
	return nil
}
