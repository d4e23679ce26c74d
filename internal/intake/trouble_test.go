package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/sheet"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// crowd is a table of n volunteers without keys.
func crowd(n int) []intake.Input {
	var b bytes.Buffer
	b.WriteString("姓名,志愿者编号,出生日期,社区代码\n")
	for i := range n {
		fmt.Fprintf(&b, "周示例%d,99%010d,1990-01-02,130202102201\n", i, i)
	}
	return []intake.Input{{Name: "志愿者.csv", Data: b.Bytes()}}
}

func count(t *testing.T, n intake.Nouns) (found int) {
	t.Helper()
	err := n.Volunteers.Rows().Each(context.Background(), store.Query{}, func(*volunteer.Volunteer) error {
		found++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestAnImportThatIsKilledGoesOn: it ends in the middle of writing, whole units are
// there, and the repeat makes exactly the rest.
func TestAnImportThatIsKilledGoesOn(t *testing.T) {
	t.Parallel()
	w, n := open(t)
	const rows = 5000
	before := count(t, n)
	ctx, kill := context.WithCancel(context.Background())
	defer kill()
	_, err := intake.ImportAs(ctx, w.Admin(), crowd(rows), n, func(done, total int) {
		if done > total/2+500 {
			kill()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("it ended with %v", err)
	}
	half := count(t, n) - before
	if half == 0 || half >= rows || half%1000 != 0 {
		t.Fatalf("%d rows were written", half)
	}
	report, err := intake.ImportAs(context.Background(), w.Admin(), crowd(rows), n, nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.Files[0].Known != half || report.Files[0].Known+report.Files[0].Made != rows || count(t, n)-before != rows {
		t.Errorf("%+v, %d rows", report.Files, count(t, n)-before)
	}
}

// TestAnImportIsKnownForGood: not only as long as the keys of calls are kept.
func TestAnImportIsKnownForGood(t *testing.T) {
	t.Parallel()
	w, n := open(t)
	ctx := context.Background()
	if _, err := intake.Import(ctx, crowd(3), n, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Core.Once.Tidy(ctx, w.Clock.Now().AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if again, err := intake.Import(ctx, crowd(3), n, nil); err != nil || again.Files[0].Made != 0 {
		t.Error(again, err)
	}
}

// TestTwoImportsAtOnceMakeEachRowOnce: of the same file, whoever comes second to a
// row finds it taken.
func TestTwoImportsAtOnceMakeEachRowOnce(t *testing.T) {
	t.Parallel()
	_, n := open(t)
	const rows = 1500
	before := count(t, n)
	var wait sync.WaitGroup
	reports, errs := make([]*intake.Report, 2), make([]error, 2)
	for i := range reports {
		wait.Go(func() { reports[i], errs[i] = intake.Import(context.Background(), crowd(rows), n, nil) })
	}
	wait.Wait()
	made := 0
	for i, r := range reports {
		if errs[i] != nil || r.Files[0].Made+r.Files[0].Known != rows {
			t.Fatalf("%+v %v", r, errs[i])
		}
		made += r.Files[0].Made
	}
	if made != rows || count(t, n)-before != rows {
		t.Errorf("%d made, %d there", made, count(t, n)-before)
	}
}

func TestProblemsAreWrittenAsASheet(t *testing.T) {
	t.Parallel()
	_, n := open(t)
	text := "姓名,出生日期,社区代码\n" + strings.Repeat("=周,昨天,130202102201\n", 300)
	var wrong *intake.Invalid
	_, err := intake.Import(context.Background(), []intake.Input{{Name: "志愿者.csv", Data: []byte(text)}}, n, nil)
	if !errors.As(err, &wrong) {
		t.Fatal(err)
	}
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		var b bytes.Buffer
		if err := wrong.Write(&b, format, "zh"); err != nil {
			t.Fatal(err)
		}
		columns := []sheet.Column{{Name: "文件"}, {Name: "行"}, {Name: "列"}, {Name: "原因"}, {Name: "代码"}}
		f, problems := sheet.Open("x", b.Bytes(), columns)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		rows := 0
		for r := range f.Rows() {
			if rows++; rows == 300 && (r.Text("行") != "301" || r.Text("列") != "出生日期" || !strings.Contains(r.Text("原因"), "2026-03-01")) {
				t.Error(r.Cells())
			}
		}
		if rows != 300 {
			t.Errorf("%s: %d rows", format, rows)
		}
		_ = f.Close()
	}
}
