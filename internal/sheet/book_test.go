package sheet_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"hash/crc32"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/sheet"
)

// workbook makes one of a sheet that fill writes.
func workbook(t testing.TB, fill func(f *excelize.File, sheet string) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	if err := fill(f, "Sheet1"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rows writes them from the first on.
func rows(list ...[]any) func(*excelize.File, string) error {
	return func(f *excelize.File, sheet string) error {
		for i, r := range list {
			if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &r); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestAStationsWorkbook(t *testing.T) {
	t.Parallel()
	data := workbook(t, func(f *excelize.File, s string) error {
		if err := rows([]any{"乔屯街道志愿者名册"}, nil, []any{"标识", "姓名", "备注"},
			[]any{"v1", "王一", "甲楼"}, []any{"v2", 13800000031, nil}, []any{"v3", 32875, nil}, nil, []any{"v4", "莫𡐓村", 7})(f, s); err != nil {
			return err
		}
		if err := f.SetCellFormula(s, "C8", "=3+4"); err != nil {
			return err
		}
		day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		if err != nil {
			return err
		}
		if err := f.SetCellStyle(s, "B6", "B6", day); err != nil {
			return err
		}
		if err := f.MergeCell(s, "A1", "C1"); err != nil {
			return err
		}
		return f.MergeCell(s, "C4", "C6")
	})
	got, problems := read("名册.xlsx", data, columns)
	if len(problems) > 0 || len(got) != 4 {
		t.Fatal(got, problems)
	}
	for i, want := range []string{"v1 王一 甲楼 4", "v2 13800000031 甲楼 5", "v3 32875 甲楼 6", "v4 莫𡐓村 7 8"} {
		if r := got[i]; strings.Join(r.Cells(), " ")+fmt.Sprint(" ", r.Number) != want {
			t.Errorf("row %d: %v, want %s", r.Number, r.Cells(), want)
		}
	}
}

func TestCellsMergedAcrossColumnsAreRefused(t *testing.T) {
	t.Parallel()
	data := workbook(t, func(f *excelize.File, s string) error {
		if err := rows([]any{"标识", "姓名"}, []any{"v1", "王一"}, []any{"v2", "王二"}, []any{"v3", "王三"})(f, s); err != nil {
			return err
		}
		return f.MergeCell(s, "A3", "B3")
	})
	got, problems := read("x.xlsx", data, columns)
	if len(got) != 2 || len(problems) != 1 || problems[0].Row != 3 || !strings.Contains(problems[0].Zh, "A3") {
		t.Error(got, problems)
	}
}

func TestTheFirstSheetThatIsShownIsRead(t *testing.T) {
	t.Parallel()
	data := workbook(t, func(f *excelize.File, s string) error {
		if _, err := f.NewSheet("名册"); err != nil {
			return err
		}
		if err := rows([]any{"key", "name"}, []any{"v1", "王一"})(f, "名册"); err != nil {
			return err
		}
		f.SetActiveSheet(1)
		return f.SetSheetVisible(s, false)
	})
	if got, problems := read("x.xlsx", data, columns); len(problems) > 0 || len(got) != 1 {
		t.Error(got, problems)
	}
}

// TestALongSheetNeedsNoMoreRoom: it is read to its end and is never in memory.
func TestALongSheetNeedsNoMoreRoom(t *testing.T) {
	t.Parallel()
	columns := []sheet.Column{{Name: "key"}, {Name: "name"}}
	var b bytes.Buffer
	w, err := sheet.Write(&b, sheet.XLSX, columns, "en")
	if err != nil {
		t.Fatal(err)
	}
	rows := 50_000
	if os.Getenv("LINKAGE_LONG") != "" {
		rows = 1_048_575 // as many as the format allows
	}
	for i := range rows {
		if err := w.Row([]string{fmt.Sprint("k", i), "王示例"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var was, is runtime.MemStats
	runtime.ReadMemStats(&was)
	f, problems := sheet.Open("x.xlsx", b.Bytes(), columns)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	defer func() { _ = f.Close() }()
	n, most := 0, uint64(0)
	for range f.Rows() {
		if n++; n%10_000 == 0 {
			runtime.ReadMemStats(&is)
			most = max(most, is.HeapInuse)
		}
	}
	if n != rows {
		t.Errorf("%d rows", n)
	}
	if grown := int64(most) - int64(was.HeapInuse); grown > 100<<20 {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
}

// bomb is what 1,100 MiB of zeros are once they are packed: the same stretch again and
// again, which is packed but once.
func bomb(t *testing.T) (packed []byte, head zip.FileHeader) {
	t.Helper()
	const mebibytes = 1100
	zeros := make([]byte, 1<<20)
	var stretch bytes.Buffer
	w, err := flate.NewWriter(&stretch, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(zeros); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil { // up to a whole byte, so that another can follow
		t.Fatal(err)
	}
	packed = bytes.Repeat(stretch.Bytes(), mebibytes)
	stretch.Reset()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	packed = append(packed, stretch.Bytes()...)
	sum := uint32(0)
	for range mebibytes {
		sum = crc32.Update(sum, crc32.IEEETable, zeros)
	}
	return packed, zip.FileHeader{
		Name: "xl/media/bomb.bin", Method: zip.Deflate, CRC32: sum,
		CompressedSize64: uint64(len(packed)), UncompressedSize64: mebibytes << 20,
	}
}

// TestABombDoesNotGoOff: about a megabyte that unpacks to more than a workbook may have.
func TestABombDoesNotGoOff(t *testing.T) {
	t.Parallel()
	good := workbook(t, rows([]any{"key", "name"}, []any{"v1", "王一"}))
	from, err := zip.NewReader(bytes.NewReader(good), int64(len(good)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	to := zip.NewWriter(&b)
	for _, part := range from.File {
		if err := to.Copy(part); err != nil {
			t.Fatal(err)
		}
	}
	packed, head := bomb(t)
	w, err := to.CreateRaw(&head)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(packed); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	_, problems := read("x.xlsx", b.Bytes(), columns)
	if len(problems) != 1 || problems[0].Code != fault.CodeInvalid || !strings.Contains(problems[0].En, "unpacks to too much") {
		t.Error(problems)
	}
}

// nasty are contents that formats like to change.
var nasty = []string{"=cmd|' /C calc'!A0", "+1", "-1", "@x", "'=already", "''", "007", "13800000031", "1e5", "1.38E+10", "'1.38E+10", "#REF!", "１２３", "1234567.0", "a,b", "say \"so\"", "two\nlines", "莫𡐓村", "ＡＢ", "=", "TRUE", "2026-03-01", "#标题"}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	t.Parallel()
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		for _, locale := range []string{"zh", "en"} {
			var b bytes.Buffer
			w, err := sheet.Write(&b, format, columns, locale)
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range nasty {
				if err := w.Row([]string{fmt.Sprint("k", i), s, ""}); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			got, problems := read("x", b.Bytes(), columns)
			if len(problems) > 0 || len(got) != len(nasty) {
				t.Fatal(format, len(got), problems)
			}
			for i, s := range nasty {
				if got[i].Text("name") != s {
					t.Errorf("%s: %q became %q", format, s, got[i].Text("name"))
				}
			}
		}
	}
}

func TestNoCellThatIsWrittenRuns(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w, err := sheet.Write(&b, sheet.CSV, columns[:1], "en")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"=1", "+1", "-1", "@1", "\t=1", "\r=1", "＝1"} {
		if err := w.Row([]string{s}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, l := range strings.Split(strings.TrimSpace(b.String()), "\n")[1:] {
		if c := strings.TrimPrefix(l, `"`); c[0] != '\'' {
			t.Errorf("%q begins a formula", l)
		}
	}
}

func TestATemplateIsReadAsAnEmptyTable(t *testing.T) {
	t.Parallel()
	long := make([]string, 100)
	for i := range long {
		long[i] = fmt.Sprint("选项", i)
	}
	offered := []sheet.Column{
		{Name: "key", Also: []string{"标识"}, Required: true, Zh: "自定", En: "your own"},
		{Name: "kind", Also: []string{"类型"}, Options: []string{"社工站", "未保站"}},
		{Name: "skill", Also: []string{"技能"}, Options: long},
	}
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		var b bytes.Buffer
		if err := sheet.Template(&b, format, "站点 stations", offered); err != nil {
			t.Fatal(err)
		}
		f, problems := sheet.Open("x", b.Bytes(), offered)
		if len(problems) > 0 {
			t.Fatal(format, problems)
		}
		for row := range f.Rows() {
			t.Error("a row", row.Number, row.Cells())
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
