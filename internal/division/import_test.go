package division_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

// province is a small province in the form of the package: with a city that has no
// counties, names outside of the basic plane, and what stands already.
var province = map[string]string{
	"provinces.csv": "\uFEFFcode,name\n13,\"河北省\"\n44,\"广东省\"\n",
	"cities.csv":    "code,name,provinceCode\n4414,\"梅州市\",44\n4419,\"东莞市\",44\n",
	"areas.csv":     "code,name,cityCode,provinceCode\n441424,\"五华县\",4414,44\n441900,\"东莞市\",4419,44\n",
	"streets.csv":   "code,name,areaCode,provinceCode,cityCode\n441424103,\"华阳镇\",441424,44,4414\n441900003,\"东城街道\",441900,44,4419\n",
	"villages.json": `[{"code":"441424103203","name":"輋𣒍村","streetCode":"441424103"},{"code":"441900003001","name":"岗贝社区"}]`,
}

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func archive(t *testing.T, files map[string]string) string {
	t.Helper()
	var packed bytes.Buffer
	plain := gzip.NewWriter(&packed)
	out := tar.NewWriter(plain)
	for name, text := range files {
		err := out.WriteHeader(&tar.Header{Name: "package/dist/" + name, Mode: 0o600, Size: int64(len(text))})
		if _, also := out.Write([]byte(text)); err != nil || also != nil {
			t.Fatal(err, also)
		}
	}
	if err := errors.Join(out.Close(), plain.Close()); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "x.tgz")
	if err := os.WriteFile(name, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func load(t *testing.T, w *testkit.World, name string, check bool) (division.Imported, error) {
	t.Helper()
	src, err := division.OpenSource(name)
	if err != nil {
		t.Fatal(err)
	}
	return w.Divisions.Import(ctx, src, check, w.Communities.Found, nil)
}

func TestAProvinceIsImportedOnceFromEveryForm(t *testing.T) {
	t.Parallel()
	for form, name := range map[string]string{"folder": folder(t, province), "package": archive(t, province)} {
		w := testkit.Open(t)
		if got, err := load(t, w, name, true); err != nil || got.Read != 10 || got.Added != 0 {
			t.Fatalf("%s checked: %+v, %v", form, got, err)
		}
		if got, err := load(t, w, name, false); err != nil || got.Added != 8 || got.Read != 10 {
			t.Fatalf("%s: %+v, %v", form, got, err)
		}
		if got, err := load(t, w, name, false); err != nil || got.Added != 0 || len(got.Differ) != 0 {
			t.Fatalf("%s again: %+v, %v", form, got, err)
		}
		v, err := w.Divisions.At(ctx, access.Nobody(), "441424103203", nil)
		if err != nil || v.FullName != "广东省梅州市五华县华阳镇輋𣒍村" || v.Kind != division.TypeVillagers {
			t.Fatalf("%s: %+v, %v", form, v, err)
		}
		if v, err := w.Divisions.At(ctx, access.Nobody(), "441900003001", nil); err != nil || v.FullName != "广东省东莞市东城街道岗贝社区" {
			t.Fatalf("%s: %+v, %v", form, v, err)
		}
		if c, err := w.Communities.Get(ctx, access.Nobody(), community.ID("441900003001")); err != nil || c.Name != "岗贝社区" {
			t.Fatalf("%s: %+v, %v", form, c, err)
		}
		if seq, _, err := w.Core.DB.LogEnd(ctx); err != nil || seq > 20 {
			t.Errorf("%s: facts are in the log: %d, %v", form, seq, err)
		}
	}
}

func TestWhatPeopleSaidOfADivisionOutlivesAnImport(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	_, _, err := w.Divisions.Change(ctx, w.Admin(), division.Change{DivisionID: division.ID(testkit.Lunan), Name: ptr("路南新区"), ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	name := filepath.Join(folder(t, map[string]string{"my.csv": "code,name\n130202000000,路南区\n130202103,新镇\n"}), "my.csv")
	got, err := load(t, w, name, false)
	if err != nil || got.Added != 1 || len(got.Differ) != 1 || got.Differ[0].Line != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if v, err := w.Divisions.Get(ctx, access.Nobody(), division.ID(testkit.Lunan)); err != nil || v.Name != "路南新区" || v.Version != 2 {
		t.Fatalf("%+v, %v", v, err)
	}
}

func TestBadRowsAreNamedAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	rows := []struct {
		line string
		want fault.Code
	}{
		{"13O202,开平", fault.CodeInvalid},
		{"130202700,不在范围", fault.CodeInvalid},
		{"130202105001,没有上级", fault.CodeDivisionUnknown},
		{"130202103, ", fault.CodeRequired},
		{"130202104,好的镇", ""},
		{"130202104,又一次", fault.CodeDuplicate},
		{"130202104201,好的村", ""},
	}
	text, want := "code,name\n", 0
	for _, r := range rows {
		text += r.line + "\n"
		if r.want != "" {
			want++
		}
	}
	name := filepath.Join(folder(t, map[string]string{"bad.csv": text}), "bad.csv")
	_, err := load(t, w, name, false)
	testkit.WantCode(t, err, fault.CodeImportInvalid)
	var wrong *division.Wrong
	if !errors.As(err, &wrong) || wrong.Total != want {
		t.Fatal(err)
	}
	for _, bad := range wrong.Rows {
		testkit.WantCode(t, bad.Why, rows[bad.Line-2].want)
	}
	if m := wrong.Message("zh"); !strings.Contains(m, "bad.csv:4 130202105001") {
		t.Error(m)
	}
	if _, err := w.Divisions.Get(ctx, access.Nobody(), "div_130202104000"); fault.CodeOf(err) != fault.CodeNotFound {
		t.Errorf("the good rows of a bad file were written: %v", err)
	}
}

func TestAStoppedImportGoesOn(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	var text strings.Builder
	text.WriteString("code,name\n")
	n := 0
	for town := 110; town < 170; town++ { // more than one unit
		fmt.Fprintf(&text, "130202%d,镇%d\n", town, town)
		n++
		for village := 200; village < 398; village++ {
			fmt.Fprintf(&text, "130202%d%d,村%d\n", town, village, village)
			n++
		}
	}
	src, err := division.OpenSource(filepath.Join(folder(t, map[string]string{"many.csv": text.String()}), "many.csv"))
	if err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancel(ctx)
	first, err := w.Divisions.Import(stopped, src, false, nil, func(int, int) { stop() })
	if err == nil || first.Added == 0 || first.Added == n {
		t.Fatalf("%+v, %v", first, err)
	}
	last := 0
	rest, err := w.Divisions.Import(ctx, src, false, nil, func(done, total int) {
		if done <= last || total != n {
			t.Errorf("progress %d of %d after %d", done, total, last)
		}
		last = done
	})
	if err != nil || rest.Read != n || last != n {
		t.Fatalf("%+v, %v", rest, err)
	}
	page, err := w.Divisions.List(ctx, access.Nobody(), division.Filter{}, usecase.Paging{First: ptr(1)})
	if err != nil || *page.Total != n+11 {
		t.Fatalf("%d stored, want %d: %v", *page.Total, n+11, err)
	}
}

func TestASourceThatIsNoneIsToldApart(t *testing.T) {
	t.Parallel()
	if _, err := division.OpenSource(filepath.Join(t.TempDir(), "none.csv")); err == nil {
		t.Error("a file that is not there was opened")
	}
	if _, err := division.OpenSource(t.TempDir()); err == nil {
		t.Error("an empty folder was opened")
	}
	w := testkit.Open(t)
	for name, text := range map[string]string{"x.csv": "name,code\n", "x.json": `{"code":"13"}`, "y.json": `[{"code":"13","name":"河北省"}`, "z.csv": "code,name\n\"13"} {
		if _, err := load(t, w, filepath.Join(folder(t, map[string]string{name: text}), name), false); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
