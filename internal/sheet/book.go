package sheet

import (
	"bytes"
	"errors"

	"github.com/xuri/excelize/v2"

	"github.com/fivesociety/linkage/internal/fault"
)

// A workbook is a zip file, and a small one can hold very much. What a part unpacks
// to beyond maxPart goes to a file beside the memory; beyond maxBook it is refused.
const (
	maxBook = 1 << 30
	maxPart = 16 << 20
)

// book is a workbook, of which the first visible sheet is read.
type book struct {
	name   string
	file   *excelize.File
	sheet  string
	merged regions
	y1904  bool
}

func openBook(name string, data []byte) (*book, *Problem) {
	file, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxBook, UnzipXMLSizeLimit: maxPart, RawCellValue: true})
	if err != nil {
		return nil, unreadable(name, err)
	}
	b := &book{name: name, file: file}
	for _, s := range file.GetSheetList() {
		if shown, err := file.GetSheetVisible(s); err == nil && shown {
			b.sheet = s
			break
		}
	}
	if props, err := file.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		b.y1904 = *props.Date1904
	}
	if b.merged, err = mergedIn(data, b.sheet); err != nil {
		_ = file.Close() // it was only read
		return nil, unreadable(name, err)
	}
	return b, nil
}

func unreadable(name string, err error) *Problem {
	if errors.Is(err, excelize.ErrWorkbookFileFormat) {
		return &Problem{File: name, Code: fault.CodeInvalid, Zh: "不是 Excel 工作簿（.xlsx）。", En: "Not an Excel workbook (.xlsx)."}
	}
	return &Problem{File: name, Code: fault.CodeInvalid, Zh: "无法读取工作簿：文件已损坏、加了密码，或展开后太大。", En: "The workbook cannot be read: it is damaged, has a password, or unpacks to too much."}
}

func (b *book) close() error { return b.file.Close() }

// lines reads cells as stored: dates as numbers, results of formulas.
func (b *book) lines() (next func() (line, *Problem), done func(), problem *Problem) {
	rows, err := b.file.Rows(b.sheet)
	if err != nil {
		return nil, nil, unreadable(b.name, err)
	}
	n := 0
	fill := b.merged.filler()
	next = func() (line, *Problem) {
		for rows.Next() {
			n++
			cells, err := rows.Columns()
			if err != nil {
				return line{}, unreadable(b.name, err)
			}
			cells, wide := fill(n, cells)
			if cells = trim(cells); len(cells) == 0 {
				continue
			}
			return line{number: n, cells: cells, merged: wide}, nil
		}
		if err := rows.Error(); err != nil {
			return line{}, unreadable(b.name, err)
		}
		return line{}, nil
	}
	return next, func() { _ = rows.Close() }, nil // they were only read
}
