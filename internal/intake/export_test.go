package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/sheet"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// tables exports everything of a world.
func tables(t *testing.T, n intake.Nouns, format sheet.Format, locale string) (out []intake.Input) {
	t.Helper()
	for _, name := range intake.Tables() {
		var b bytes.Buffer
		if _, _, err := intake.Export(context.Background(), &b, format, name, locale, n); err != nil {
			t.Fatal(err)
		}
		out = append(out, intake.Input{Name: name + "." + string(format), Data: b.Bytes()})
	}
	return out
}

// lines are an English CSV's rows with ids told by what they are of, in any order.
func lines(t *testing.T, in []intake.Input, ids map[string]string) (out []string) {
	t.Helper()
	for _, i := range in {
		text := strings.TrimPrefix(string(i.Data), "\ufeff")
		for from, to := range ids {
			text = strings.ReplaceAll(text, from, to)
		}
		rows := strings.Split(strings.TrimSpace(text), "\n")
		slices.Sort(rows[1:])
		out = append(out, rows...)
	}
	return out
}

func TestWhatComesOutGoesInAgain(t *testing.T) {
	t.Parallel()
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		for _, locale := range []string{"zh", "en"} {
			t.Run(string(format)+" "+locale, func(t *testing.T) {
				t.Parallel()
				_, here := open(t)
				ctx := context.Background()
				if _, err := intake.ImportFolder(ctx, files(village), here, nil); err != nil {
					t.Fatal(err)
				}
				out := tables(t, here, format, locale)

				// On the same store nothing is new.
				again, err := intake.Import(ctx, out, here, nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range again.Files {
					if f.Made != 0 || f.Known == 0 {
						t.Errorf("%s: %d made, %d known", f.File, f.Made, f.Known)
					}
				}

				// On another it makes the same.
				_, there := bare(t)
				made, err := intake.Import(ctx, out, there, nil)
				if err != nil {
					t.Fatal(err)
				}
				names := map[string]string{}
				for table, keys := range made.IDs {
					for key, id := range keys {
						if table != "accounts" {
							names[id] = key
						}
					}
				}
				want, got := lines(t, tables(t, here, sheet.CSV, "en"), nil), lines(t, tables(t, there, sheet.CSV, "en"), names)
				if !slices.Equal(got, want) {
					t.Errorf("in:\n%s\nout:\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
				}
			})
		}
	}
}

// TestTheTablesSayAllThatWasSaid: nothing that a row of an input said is lost on the
// way out.
func TestTheTablesSayAllThatWasSaid(t *testing.T) {
	t.Parallel()
	_, n := open(t)
	if _, err := intake.ImportFolder(context.Background(), files(village), n, nil); err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string][]string{
		"divisions":     {"130202102290,示例新村村民委员会,2026-01-01,,\n", "130202102291,示例旧村村民委员会,,2026-01-01,130202102290;130202102201\n"},
		"organisations": {",唐山市民政局,CERT-1,2025-01-02,,A4,2028-01-02,登记证书,yes\n"},
		"stations":      {",39.63,118.18\n", ",龙凤庄村,CHILDREN;ELDERLY,,\n"},
		"communities": {
			"130202102201,龙凤庄,FROM_1000,龙凤庄村村民委员会,0315-2000000,书屋;厨房、餐厅,39.631,118.182,11,2026-01-01,2031-01-01,HEALTH:卫生室;CANTEEN:助餐点:sta_",
			",书记:赵示例:13800000009;会计:钱示例\n", "130202102290,示例新村,,示例新村村民委员会,,,,,,,,,\n",
		},
		"volunteers": {",查询函1,MONDAY 09:00-11:30;FRIDAY 14:00-16:00,39.63,118.18\n"},
		"teams":      {",每天午餐,vol_", ",龙凤庄新队（示例）,sta_"},
		"posts":      {",VOLUNTEER,做饭,COOKING,yes,2,yes,vol_", ",SOCIAL_WORKER,,LAW,no,1,yes,wrk_", ",VOLUNTEER,,,no,1,no,\n"},
	} {
		var b bytes.Buffer
		if _, left, err := intake.Export(context.Background(), &b, sheet.CSV, table, "en", n); err != nil || left != 0 {
			t.Fatalf("%s: %d left out, %v", table, left, err)
		}
		for _, line := range want {
			if !strings.Contains(b.String(), line) {
				t.Errorf("%s: no %q in\n%s", table, line, b.String())
			}
		}
	}
}

// TestWhatRestsOnOthersComesBehindThem: a division that has ended behind those that
// follow it, and what stands below it behind it, whatever their codes.
func TestWhatRestsOnOthersComesBehindThem(t *testing.T) {
	t.Parallel()
	_, here := open(t)
	_, there := bare(t)
	ctx := context.Background()
	old := files(map[string]string{"divisions.csv": "key,name,validTo,successors\n130202190,示例新镇,,\n130202180,示例中镇,2026-02-01,130202190\n130202170,示例旧镇,2026-01-01,130202180\n130202170200,示例村,,\n"})
	if _, err := intake.ImportFolder(ctx, old, here, nil); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, _, err := intake.Export(ctx, &b, sheet.CSV, "divisions", "zh", here); err != nil {
		t.Fatal(err)
	}
	report, err := intake.Import(ctx, []intake.Input{{Name: "行政区划.csv", Data: b.Bytes()}}, there, nil)
	if err != nil || report.Files[0].Made != 4 {
		t.Errorf("%+v %v in\n%s", report, err, b.String())
	}
}

// TestWhatRestsOnWhatIsLeftOutGoesWithoutIt: a paused volunteer is in no table, so a
// team is without them, and the account without that role; a worker of a station that
// is left out is left out, and their post has nobody.
func TestWhatRestsOnWhatIsLeftOutGoesWithoutIt(t *testing.T) {
	t.Parallel()
	w, n := open(t)
	ctx, sys := context.Background(), w.System()
	in := maps.Clone(village)
	in["accounts.csv"] = "key,displayName,roles\nzhou,周（示例）,志愿者:v1;监管员:1302\n"
	in["teams.csv"] = "key,name,station,leader,members\ncooks,助餐队（示例）,志,v1,v1;v3\n"
	in["volunteers.csv"] = "key,name,bornOn,community,evidence\nv1,周示例,1990-01-02,130202102201,身份证\nv3,吴示例,1990-01-02,130202102201,身份证\n"
	in["岗位.csv"] = "key,title,station,kind,holders\nlaw,法律咨询,志,社工,li\nat,驻站,村,社工,\n"
	made, err := intake.ImportFolder(ctx, files(in), n, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := n.Volunteers.Get(ctx, sys, made.IDs["volunteers"]["v1"])
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := n.Volunteers.Pause(ctx, sys, volunteer.Simple{VolunteerID: v.ID, ExpectedVersion: v.Version}); err != nil {
		t.Fatal(err)
	}
	st, err := n.Stations.Get(ctx, sys, made.IDs["stations"]["村"])
	if err != nil {
		t.Fatal(err)
	}
	note := "消防整改"
	if _, _, err := n.Stations.Advance(ctx, sys, station.Advance{StationID: st.ID, Step: station.ActRectify, Note: &note, ExpectedVersion: st.Version}); err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]int{"volunteers": 1, "stations": 1, "socialworkers": 1, "posts": 1, "requests": 1, "teams": 0, "accounts": 0} {
		var b bytes.Buffer
		if _, left, err := intake.Export(ctx, &b, sheet.CSV, table, "en", n); err != nil || left != want {
			t.Errorf("%s: %d left out, want %d, %v\n%s", table, left, want, err, b.String())
		}
	}
	out := tables(t, n, sheet.CSV, "en")
	if again, err := intake.Import(ctx, out, n, nil); err != nil || slices.ContainsFunc(again.Files, func(f intake.FileReport) bool { return f.Made > 0 }) {
		t.Errorf("%+v %v", again, err)
	}
	_, there := bare(t)
	moved, err := intake.Import(ctx, out, there, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range moved.IDs["teams"] {
		if t1, err := there.Teams.Rows().Get(ctx, id); err != nil || len(t1.Members) != 1 || t1.Leader != "" {
			t.Errorf("%+v %v", t1, err)
		}
	}
}

func TestNoTextOfATableIsAFormula(t *testing.T) {
	t.Parallel()
	_, n := open(t)
	ctx := context.Background()
	in := maps.Clone(village)
	in["teams.csv"] = "key,name,station,about\nt,=1+1,村,@SUM(A1)\n"
	in["岗位.csv"] = "key,title,station,kind,duties\np,-2+3,村,志愿者,+cmd\n"
	in["communities.csv"] = "代码,名称,电话,设施\n130202102201,=1+1,+86,@x;=y\n"
	in["divisions.csv"] = "代码,名称\n130202102290,=HYPERLINK(1)\n"
	if _, err := intake.ImportFolder(ctx, files(in), n, nil); err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]string{"teams": ",'=1+1,sta_", "posts": ",'-2+3,sta_", "communities": "130202102201,'=1+1,,龙凤庄村村民委员会,'+86,'@x;=y,", "divisions": "130202102290,'=HYPERLINK(1),"} {
		var b bytes.Buffer
		if _, _, err := intake.Export(ctx, &b, sheet.CSV, table, "en", n); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%s: %v, no %q in\n%s", table, err, want, b.String())
		}
		if again, err := intake.Import(ctx, []intake.Input{{Name: table + ".csv", Data: b.Bytes()}}, n, nil); err != nil || again.Files[0].Made != 0 {
			t.Errorf("%s: %+v %v", table, again, err)
		}
	}
}

func TestAnExportedRowThatWasChangedIsRefused(t *testing.T) {
	t.Parallel()
	_, n := open(t)
	ctx := context.Background()
	if _, err := intake.ImportFolder(ctx, files(village), n, nil); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, _, err := intake.Export(ctx, &b, sheet.CSV, "volunteers", "en", n); err != nil {
		t.Fatal(err)
	}
	in := intake.Input{Name: "volunteers.csv", Data: bytes.Replace(b.Bytes(), []byte("周示例"), []byte("吴示例"), 1)}
	var wrong *intake.Invalid
	_, err := intake.Import(ctx, []intake.Input{in}, n, nil)
	if !errors.As(err, &wrong) || wrong.Total != 1 || wrong.Problems[0].Code != fault.CodeConflict || wrong.Problems[0].Column != "name" || !strings.Contains(wrong.Problems[0].Zh, "周示例") {
		t.Error(err)
	}
}

// TestAStationsHabits: a title, no keys, a phone and dates as numbers, full-width
// digits, a letter for a digit.
func TestAStationsHabits(t *testing.T) {
	t.Parallel()
	_, n := open(t)
	ctx := context.Background()
	book := func(community any) []intake.Input {
		f := excelize.NewFile()
		defer func() { _ = f.Close() }()
		for i, row := range [][]any{
			{"龙凤庄志愿者登记表"},
			{"填表人：某某", nil, "2026年3月"},
			{"序号", "姓名", "电话", "出生日期", "社区代码", "技能"},
			{1, "莫𡐓村", 13800000031, 32875, "130202102201", "烹饪、陪伴"},
			{2, "周示例", "１３８００００００３２", "19900102", community, ""},
			{3, "冯示例", "1.3800000033E+10", "１９９０年１月２日", 130202102201, ""},
		} {
			if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.MergeCell("Sheet1", "A1", "F1"); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		return []intake.Input{{Name: "登记表.xlsx", Table: "志愿者", Data: b.Bytes()}}
	}
	var wrong *intake.Invalid
	_, err := intake.Import(ctx, book("13O2021O22O1"), n, nil)
	if !errors.As(err, &wrong) || wrong.Total != 1 || wrong.Problems[0].Row != 5 || !strings.Contains(wrong.Problems[0].Zh, "应为 130202102201") {
		t.Fatal(err)
	}
	for round, made := range []int{3, 0} {
		report, err := intake.Import(ctx, book("130202102201"), n, nil)
		if err != nil || report.Files[0].Made != made || report.Files[0].Known != 3-made {
			t.Fatal(round, report, err)
		}
	}
	var b bytes.Buffer
	if _, _, err := intake.Export(ctx, &b, sheet.CSV, "志愿者", "en", n); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"莫𡐓村,,13800000031,1990-01-02,COOKING;COMPANIONSHIP", "周示例,,13800000032,1990-01-02", "冯示例,,13800000033,1990-01-02"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestEveryTableHasATemplateThatCanBeRead(t *testing.T) {
	t.Parallel()
	_, n := open(t)
	var in []intake.Input
	for _, name := range intake.Tables() {
		for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
			var b bytes.Buffer
			if err := intake.Template(&b, format, name); err != nil {
				t.Fatal(err)
			}
			if format == sheet.XLSX {
				in = append(in, intake.Input{Name: name + ".xlsx", Data: b.Bytes()})
			} else if err := intake.Check(context.Background(), []intake.Input{{Name: name + ".csv", Data: b.Bytes()}}, n, nil); err != nil {
				t.Error(name, err)
			}
		}
	}
	if err := intake.Check(context.Background(), in, n, nil); err != nil {
		t.Error(err)
	}
}

// bare is a world with divisions and communities only.
func bare(t *testing.T) (*testkit.World, intake.Nouns) {
	t.Helper()
	w, n := open(t)
	ctx := context.Background()
	var organisations, stations []string
	err := errors.Join(
		n.Organisations.Rows().Each(ctx, store.Query{}, func(o *organisation.Organisation) error {
			organisations = append(organisations, o.ID)
			return nil
		}),
		n.Stations.Rows().Each(ctx, store.Query{}, func(s *station.Station) error {
			stations = append(stations, s.ID)
			return nil
		}),
		w.Core.DB.Tx(ctx, func(ctx context.Context) error {
			for _, id := range organisations {
				if err := n.Organisations.Rows().Delete(ctx, id, store.Note{}); err != nil {
					return err
				}
			}
			for _, id := range stations {
				if err := n.Stations.Rows().Delete(ctx, id, store.Note{}); err != nil {
					return err
				}
			}
			return nil
		}),
	)
	if err != nil {
		t.Fatal(err)
	}
	return w, n
}
