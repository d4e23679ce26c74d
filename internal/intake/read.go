package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/sheet"
)

// loaded is one file with the table that understands it.
type loaded struct {
	*sheet.File
	table  table
	digest string // of the content
}

// Input is one file to import.
type Input struct {
	Name  string // as the person knows it
	Table string // which one it is, in either language; "" is told by the name
	Data  []byte
}

func (i Input) is(t table) bool {
	if i.Table != "" {
		return t.is(i.Table)
	}
	return t.is(strings.TrimSuffix(i.Name, path.Ext(i.Name)))
}

// Folder reads the tables at the root of a folder. What a spreadsheet leaves beside
// an open file is none.
func Folder(files fs.FS) (out []Input, err error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("read the folder: %w", err)
	}
	for _, e := range entries {
		ext := strings.ToLower(path.Ext(e.Name()))
		if e.IsDir() || ext != ".csv" && ext != ".xlsx" || strings.HasPrefix(e.Name(), "~$") || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		data, err := fs.ReadFile(files, e.Name())
		if err != nil {
			return nil, fmt.Errorf("read a table: %w", err)
		}
		out = append(out, Input{Name: e.Name(), Data: data})
	}
	return out, nil
}

// read opens all files in the order in which their rows can refer to one another.
func (r *run) read(inputs []Input, wrong *Invalid) (out []loaded) {
	if len(inputs) == 0 {
		wrong.add(sheet.Problem{
			File: "*.csv, *.xlsx", Code: fault.CodeNotFound,
			Zh: "文件夹里没有 CSV 或 XLSX 文件；可以有：" + known() + "。", En: "The folder has no CSV or XLSX file; it may have: " + known() + ".",
		})
		return nil
	}
	inputs = slices.Clone(inputs)
	for _, t := range r.tables {
		mine := func(in Input) bool { return in.is(t) }
		i := slices.IndexFunc(inputs, mine)
		if i < 0 {
			continue
		}
		f, problems := sheet.Open(inputs[i].Name, inputs[i].Data, t.columns)
		if wrong.add(problems...); len(problems) == 0 {
			sum := sha256.Sum256(inputs[i].Data)
			out = append(out, loaded{File: f, table: t, digest: hex.EncodeToString(sum[:])})
		}
		inputs = slices.Delete(inputs, i, i+1)
		if i := slices.IndexFunc(inputs, mine); i >= 0 {
			wrong.add(sheet.Problem{File: inputs[i].Name, Code: fault.CodeDuplicate, Zh: "同一种表有两个文件。", En: "There are two files of this kind."})
			inputs = slices.Delete(inputs, i, i+1)
		}
	}
	for _, in := range inputs {
		wrong.add(sheet.Problem{
			File: in.Name, Code: fault.CodeInvalid,
			Zh: "不认识的文件名；可以有：" + known() + "。", En: "Unknown file name; there may be: " + known() + ".",
		})
	}
	return out
}

func known() string { return strings.Join(Tables(), ", ") }
