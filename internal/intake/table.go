package intake

import (
	"context"
	"strconv"

	"github.com/fivesociety/linkage/internal/sheet"
	"github.com/fivesociety/linkage/internal/usecase"
)

// keyColumn names a row for other rows and for repeated imports.
const keyColumn = "key"

// table is one kind of file: its columns, and what a row becomes.
type table struct {
	name, zh string // of the file, without .csv
	prefix   string // of the ids its rows get; "" if no row refers to them
	columns  []sheet.Column
	// make reads a row's cells and answers with what to do in a unit of work.
	make func(c *cells) act
}

// act makes the object of a row: its id, and what deserves a look.
type act func(ctx context.Context, r *run) (id string, notices []usecase.Notice, err error)

// tables are the kinds of file in the order of import: rows refer to earlier ones.
func tables() []table {
	return []table{organisations(), stations(), workers(), volunteers(), recipients(), consents(), resources(), requests(), accounts()}
}

// need and may are a column that must be there and one that may.
func need(name string, also ...string) sheet.Column {
	return sheet.Column{Name: name, Also: also, Required: true}
}

func may(name string, also ...string) sheet.Column { return sheet.Column{Name: name, Also: also} }

// columns puts the columns of every file around those of one: the key, and a remark
// that nobody reads.
func columns(own ...sheet.Column) []sheet.Column {
	out := append([]sheet.Column{need(keyColumn, "标识", "编号", "登录名")}, own...)
	return append(out, may("remark", "备注"), may("synthetic", "合成", "示例数据"))
}

func itoa(n int) string { return strconv.Itoa(n) }
