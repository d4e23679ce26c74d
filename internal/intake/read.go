package intake

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/sheet"
)

// loaded is one file with the table that understands it.
type loaded struct {
	*sheet.Sheet
	table table
}

// read reads all files in the order in which their rows can refer to one another.
func read(files fs.FS, wrong *Invalid) []loaded {
	names, err := fs.Glob(files, "*.csv")
	if err == nil && len(names) == 0 {
		err = errors.New("no files")
	}
	if err != nil {
		wrong.add(sheet.Problem{
			File: "*.csv", Code: fault.CodeNotFound,
			Zh: "文件夹里没有 CSV 文件；可以有：" + known() + "。", En: "The folder has no CSV file; it may have: " + known() + ".",
		})
		return nil
	}
	var out []loaded
	for _, t := range tables() {
		i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, t.name+".csv") || n == t.zh+".csv" })
		if i < 0 {
			continue
		}
		s := open(files, names[i], t, wrong)
		out = append(out, loaded{s, t})
		names = slices.Delete(names, i, i+1)
	}
	for _, n := range names {
		wrong.add(sheet.Problem{
			File: n, Code: fault.CodeInvalid,
			Zh: "不认识的文件名；可以有：" + known() + "。", En: "Unknown file name; there may be: " + known() + ".",
		})
	}
	return out
}

func open(files fs.FS, name string, t table, wrong *Invalid) *sheet.Sheet {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		wrong.add(sheet.Problem{File: name, Code: fault.CodeNotFound, Zh: "无法读取文件。", En: "The file cannot be read."})
		return &sheet.Sheet{File: name}
	}
	s, problems := sheet.Read(name, data, t.columns)
	wrong.add(problems...)
	first := map[string]int{}
	for _, row := range s.Rows {
		key := row.Text(keyColumn)
		if n, twice := first[key]; twice && key != "" {
			wrong.add(sheet.Problem{
				File: name, Row: row.Number, Column: row.Head(keyColumn), Code: fault.CodeDuplicate,
				Zh: "与第 " + itoa(n) + " 行的标识相同。", En: "The same key as in row " + itoa(n) + ".",
			})
			continue
		}
		first[key] = row.Number
	}
	return s
}

func known() string {
	names := make([]string, len(tables()))
	for i, t := range tables() {
		names[i] = t.name + ".csv"
	}
	return strings.Join(names, ", ")
}
