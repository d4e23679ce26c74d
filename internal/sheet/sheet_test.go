package sheet_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/sheet"
)

var columns = []sheet.Column{
	{Name: "key", Also: []string{"标识"}, Required: true},
	{Name: "name", Also: []string{"姓名", "名称"}, Required: true},
	{Name: "note", Also: []string{"备注"}},
}

// read opens a file and gathers its rows and problems.
func read(name string, data []byte, columns []sheet.Column) (rows []sheet.Row, problems []sheet.Problem) {
	f, problems := sheet.Open(name, data, columns)
	if len(problems) > 0 {
		return nil, problems
	}
	defer func() { _ = f.Close() }()
	for row, wrong := range f.Rows() {
		if problems = append(problems, wrong...); len(wrong) == 0 {
			rows = append(rows, row)
		}
	}
	return rows, problems
}

func TestReadTakesWhatSpreadsheetsWrite(t *testing.T) {
	t.Parallel()
	rowOf := map[string]int{"a title above": 6}
	for name, data := range map[string]string{
		"plain":             "key,name,note\nv1,王一,甲\nv2,王二,乙\n",
		"byte-order mark":   "\ufeffkey,name,note\nv1,王一,甲\nv2,王二,乙\n",
		"mixed line ends":   "key,name,note\rv1,王一,甲\r\nv2,王二,乙",
		"empty lines":       "key,name,note\nv1,王一,甲\nv2,王二,乙\n\r\n,,\n\n",
		"Chinese headers":   "标识,姓名,备注\nv1,王一,甲\nv2,王二,乙\n",
		"order and remarks": "备注（可空）,＊标识,姓 名(必填)\n甲,v1,王一\n乙,v2,王二\n",
		"a title above":     "志愿者登记表,,\n,,\n填表人：某某,,\n标识,姓名,备注\nv1,王一,甲\nv2,王二,乙\n",
		"GB 18030":          encoded(simplifiedchinese.GB18030, "标识,姓名,备注\nv1,王一,甲\nv2,王二,乙\n"),
		"UTF-16":            encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "标识,姓名,备注\r\nv1,王一,甲\r\nv2,王二,乙\r\n"),
		"quotes and width":  "\"KEY\",ＮＡＭＥ,note,,\n\"v1\", 王一 ,\"甲\"\n v2,\"王二\",乙,,,,\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, problems := read("people.csv", []byte(data), columns)
			if len(problems) > 0 || len(s) != 2 {
				t.Fatalf("%d rows, problems %v", len(s), problems)
			}
			if r := s[1]; r.Text("key") != "v2" || r.Text("name") != "王二" || r.Text("note") != "乙" || r.Number != max(3, rowOf[name]) {
				t.Errorf("row %d: %v", r.Number, r.Cells())
			}
		})
	}
}

func TestRowNumbersAreThoseOfTheSpreadsheet(t *testing.T) {
	t.Parallel()
	s, problems := read("people.csv", []byte("key,name\r\n\r\nv1,\"王\r\n一, \"\"甲\"\"\"\r\nv2,王二\r\n"), columns)
	if len(problems) > 0 || len(s) != 2 {
		t.Fatal(problems)
	}
	if s[0].Number != 3 || s[1].Number != 4 {
		t.Errorf("rows %d and %d, want 3 and 4", s[0].Number, s[1].Number)
	}
	if got := s[0].Text("name"); got != "王\n一, \"甲\"" {
		t.Errorf("%q", got)
	}
}

func encoded(e encoding.Encoding, s string) string {
	out, err := e.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return out
}

func TestCellsAreReadAsTheyWereMeant(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"１３８００００００３１":      "13800000031",
		"１９９０年１月２日":        "１９９０年１月２日",
		"130203００1０10":     "130203001010",
		"1.3800000031E+10": "13800000031",
		"13800000031.0":    "13800000031",
		"12.50":            "12.50",
		"'=SUM(A1)":        "=SUM(A1)",
		"''=x":             "'=x",
		"'quoted'":         "'quoted'",
		"+3d 09:30":        "+3d 09:30",
		"莫𡐓村":              "莫𡐓村",
		"A座１":              "A座１",
	} {
		rows, problems := read("x.csv", []byte("key,name\nk,\""+strings.ReplaceAll(given, `"`, `""`)+"\"\n"), columns)
		if len(problems) > 0 || rows[0].Text("name") != want {
			t.Errorf("%q became %v %v, want %q", given, rows, problems, want)
		}
	}
}

func TestProblemsNameFileRowAndColumn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data   string
		code   fault.Code
		row    int
		column string
		says   string
	}{
		"nothing":           {"", fault.CodeRequired, 1, "", "empty"},
		"unknown header":    {"key,nmae\nv1,王一\n", fault.CodeInvalid, 1, "nmae", "nearest are: name"},
		"missing header":    {"key,note\nv1,甲\n", fault.CodeRequired, 1, "name", "name / 姓名 / 名称"},
		"doubled header":    {"key,name,姓名\nv1,王一,王一\n", fault.CodeDuplicate, 1, "姓名", "both mean name"},
		"nameless header":   {"key,,name\nv1,x,王一\n", fault.CodeInvalid, 1, "B", "no header"},
		"semicolons":        {"key;name\nv1;王一\n", fault.CodeInvalid, 1, "key;name", "commas"},
		"required cell":     {"key,姓名\nv1,王一\nv2,\n", fault.CodeRequired, 3, "姓名", "required"},
		"too many cells":    {"key,name\nv1,王一,甲,乙\n", fault.CodeTooMany, 2, "", "4 cells"},
		"open quote":        {"key,name\nv1,王一\nv2,\"王二\n", fault.CodeInvalid, 3, "", "Quotes"},
		"quote in the cell": {"key,name\nv1,王\"一\n", fault.CodeInvalid, 2, "", "Quotes"},
		"no text at all":    {"key,name\nv1,\xff\xff\xff\n", fault.CodeTextInvalid, 2, "", "neither UTF-8 nor GB 18030"},
		"broken workbook":   {"PK\x03\x04", fault.CodeInvalid, 0, "", "cannot be read"},
		"shortened number":  {"key,name\nv1,1.38E+10\n", fault.CodeInvalid, 2, "name", "shortened the number"},
		"failed formula":    {"key,name\nv1,#REF!\n", fault.CodeInvalid, 2, "name", "formula failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := read("people.csv", []byte(c.data), columns)
			if len(problems) == 0 {
				t.Fatal("no problem found")
			}
			for _, p := range problems {
				if p.Code == c.code && p.Row == c.row && p.Column == c.column && strings.Contains(p.En, c.says) {
					if !strings.HasPrefix(p.Message("zh"), "people.csv") || p.Zh == "" {
						t.Error(p.Message("zh"))
					}
					return
				}
			}
			t.Errorf("%+v", problems)
		})
	}
}

// FuzzRead: whatever the bytes, Read answers; what encoding/csv writes it reads back.
func FuzzRead(f *testing.F) {
	f.Add([]byte("key,name\nv1,\"王\n一\"\n"), "x", "y\"z")
	f.Add([]byte("\ufeff\r\r\n,"), "", "1,2\n3")
	f.Fuzz(func(t *testing.T, data []byte, key, name string) {
		read("f.csv", data, columns)
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := w.WriteAll([][]string{{"key", "name"}, {key, name}}); err != nil {
			t.Fatal(err)
		}
		s, problems := read("f.csv", b.Bytes(), columns)
		trim := func(s string) string {
			return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s))
		}
		if len(problems) > 0 || trim(key) == "" {
			return
		}
		if len(s) != 1 || s[0].Text("name") == "" && trim(name) != "" {
			t.Errorf("%q %q became %v", key, name, s)
		}
	})
}

// TestFilledFollowsTheColumnsNotTheFile: what a row says is told in one order, however
// the file arranges it, and without what is empty.
func TestFilledFollowsTheColumnsNotTheFile(t *testing.T) {
	t.Parallel()
	s, problems := read("people.csv", []byte("name,remark,key\n王一,,v1\n王一,甲,v2\n"), []sheet.Column{{Name: "key"}, {Name: "note"}, {Name: "name"}, {Name: "remark"}})
	if len(problems) > 0 || len(s) != 2 {
		t.Fatal(problems)
	}
	for i, want := range []string{"0 v1 2 王一 ", "0 v2 2 王一 3 甲 "} {
		got := ""
		for column, cell := range s[i].Filled() {
			got += fmt.Sprint(column, " ", cell, " ")
		}
		if got != want || strings.Join(s[i].Cells(), "|") != []string{"v1||王一|", "v2||王一|甲"}[i] {
			t.Errorf("row %d: %q, cells %q", i, got, s[i].Cells())
		}
	}
}
