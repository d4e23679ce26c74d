package intake

import (
	"context"
	"strconv"
	"strings"

	"github.com/fivesociety/linkage/internal/sheet"
	"github.com/fivesociety/linkage/internal/usecase"
)

// keyColumn names a row for other rows and for repeated imports.
const keyColumn = "key"

// table is one kind of file: its columns, and what a row becomes.
type table struct {
	name, zh string   // of the file, without its ending
	prefix   string   // of the ids its rows get; "" if no row refers to them
	rests    []string // prefixes of the ids that its rows may name, and of what its rules search for
	columns  []sheet.Column
	once     []string // columns that are read and never written
	natural  bool     // the key is what the platform itself knows a row by: a code, a sign-in name
	chained  bool     // rows may need earlier ones of the same file
	out      outlet
	// make reads a row's cells and answers with what to do in a unit of work.
	make func(c *cells) act
}

// is reports whether the table is the one of a name, in either language.
func (t table) is(name string) bool { return strings.EqualFold(name, t.name) || name == t.zh }

// act makes the object of a row: its id, and what deserves a look.
type act func(ctx context.Context, r *run) (id string, notices []usecase.Notice, err error)

// tables are the kinds of file in the order of import: rows refer to earlier ones.
func tables() []table {
	all := []table{divisions(), organisations(), stations(), communities(), workers(), volunteers(), teams(), posts(), recipients(), consents(), resources(), batches(), requests(), accounts()}
	for i := range all { // all of them stand somewhere
		all[i].rests = append(all[i].rests, "div", "com")
	}
	return all
}

// need and may are a column that must be there and one that may.
func need(name string, also ...string) sheet.Column {
	return sheet.Column{Name: name, Also: also, Required: true}
}

func may(name string, also ...string) sheet.Column { return sheet.Column{Name: name, Also: also} }

// unread are columns for the people who keep the file.
var unread = []string{"remark", "synthetic", "line"}

// columns puts the columns of every file around those of one: the key, and remarks
// that nobody reads.
func columns(own ...sheet.Column) []sheet.Column {
	out := append([]sheet.Column{is(may(keyColumn, "标识", "编号", "登录名"), "自定，不重复；其他表用它引用", "your own and different for each; other tables refer to it")}, own...)
	return append(out, may("remark", "备注"), may("synthetic", "合成", "示例数据"), may("line", "序号"))
}

func itoa(n int) string { return strconv.Itoa(n) }
