package sheet_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/sheet"
)

var columns = []sheet.Column{
	{Name: "key", Also: []string{"标识"}, Required: true},
	{Name: "name", Also: []string{"姓名", "名称"}, Required: true},
	{Name: "note", Also: []string{"备注"}},
}

func TestReadTakesWhatSpreadsheetsWrite(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"plain":             "key,name,note\nv1,王一,甲\nv2,王二,乙\n",
		"byte-order mark":   "\ufeffkey,name,note\nv1,王一,甲\nv2,王二,乙\n",
		"mixed line ends":   "key,name,note\rv1,王一,甲\r\nv2,王二,乙",
		"empty lines":       "key,name,note\nv1,王一,甲\nv2,王二,乙\n\r\n,,\n\n",
		"Chinese headers":   "标识,姓名,备注\nv1,王一,甲\nv2,王二,乙\n",
		"order and remarks": "备注（可空）,＊标识,姓 名(必填)\n甲,v1,王一\n乙,v2,王二\n",
		"quotes and width":  "\"KEY\",ＮＡＭＥ,note,,\n\"v1\", 王一 ,\"甲\"\n v2,\"王二\",乙,,,,\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, problems := sheet.Read("people.csv", []byte(data), columns)
			if len(problems) > 0 || len(s.Rows) != 2 {
				t.Fatalf("%d rows, problems %v", len(s.Rows), problems)
			}
			if r := s.Rows[1]; r.Text("key") != "v2" || r.Text("name") != "王二" || r.Text("note") != "乙" || r.Number != 3 {
				t.Errorf("row %d: %v", r.Number, r.Cells(columns))
			}
		})
	}
}

func TestRowNumbersAreThoseOfTheSpreadsheet(t *testing.T) {
	t.Parallel()
	s, problems := sheet.Read("people.csv", []byte("key,name\r\n\r\nv1,\"王\r\n一, \"\"甲\"\"\"\r\nv2,王二\r\n"), columns)
	if len(problems) > 0 || len(s.Rows) != 2 {
		t.Fatal(problems)
	}
	if s.Rows[0].Number != 3 || s.Rows[1].Number != 4 {
		t.Errorf("rows %d and %d, want 3 and 4", s.Rows[0].Number, s.Rows[1].Number)
	}
	if got := s.Rows[0].Text("name"); got != "王\n一, \"甲\"" {
		t.Errorf("%q", got)
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
		"GB 18030":          {"key,name\nv1,\xcd\xf5\xd2\xbb\n", fault.CodeTextInvalid, 2, "", "not UTF-8"},
		"UTF-16":            {"\xff\xfek\x00", fault.CodeTextInvalid, 0, "", "UTF-16"},
		"workbook":          {"PK\x03\x04", fault.CodeTextInvalid, 0, "", "workbook"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := sheet.Read("people.csv", []byte(c.data), columns)
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
		sheet.Read("f.csv", data, columns)
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := w.WriteAll([][]string{{"key", "name"}, {key, name}}); err != nil {
			t.Fatal(err)
		}
		s, problems := sheet.Read("f.csv", b.Bytes(), columns)
		trim := func(s string) string {
			return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s))
		}
		if len(problems) > 0 || trim(key) == "" {
			return
		}
		if len(s.Rows) != 1 || s.Rows[0].Text("key") != trim(key) || s.Rows[0].Text("name") != trim(name) {
			t.Errorf("%q %q became %v", key, name, s.Rows)
		}
	})
}
