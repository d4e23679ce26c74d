package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/post"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/team"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// open makes a small world with every noun that rows become objects of.
func open(t *testing.T) (*testkit.World, intake.Nouns) {
	t.Helper()
	var n intake.Nouns
	w := testkit.Open(t, func(w *testkit.World) {
		n = intake.Nouns{
			Core: w.Core, Divisions: w.Divisions, Communities: w.Communities, Stations: w.Stations, Organisations: w.Organisations, Workers: w.Workers,
		}
		n.Volunteers = volunteer.New(w.Core, w.Divisions, w.Communities, w.Stations)
		n.Teams = team.New(w.Core, w.Stations, n.Volunteers)
		n.Posts = post.New(w.Core, w.Stations, w.Workers, n.Volunteers)
		n.Recipients = recipient.New(w.Core, w.Divisions, w.Communities, w.Stations, w.Organisations)
		n.Resources = resource.New(w.Core, w.Divisions, w.Organisations, w.Stations)
		n.Requests = request.New(w.Core, request.Nouns{
			Divisions: w.Divisions, Communities: w.Communities, Stations: w.Stations, Workers: n.Workers, Volunteers: n.Volunteers, Recipients: n.Recipients,
			Policies: policy.New(w.Core, w.Divisions),
		})
		var err error
		n.Accounts, err = account.New(w.Core, account.Config{}, w.Divisions, account.Objects{
			"sta": func(ctx context.Context, id string) (account.Object, error) {
				s, err := w.Stations.Load(ctx, id)
				if err != nil {
					return account.Object{}, err
				}
				return account.Object{Name: s.Name, Division: s.Code()}, nil
			},
			"vol": func(ctx context.Context, id string) (account.Object, error) {
				v, err := n.Volunteers.Load(ctx, id)
				if err != nil {
					return account.Object{}, err
				}
				return account.Object{Name: v.DisplayName(), Division: v.Header.Town}, nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	return w, n
}

func files(content map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range content {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// village is a small import in which everything refers to something: with a
// byte-order mark, mixed line ends, quotes, headers in both languages.
var village = map[string]string{
	"divisions.csv": "代码,名称,设立日期,撤销日期,后继区划\n130202102290,示例新村村民委员会,2026-01-01,,\n130202102291,示例旧村村民委员会,,2026/1/1,130202102290;130202102201\n",
	"organisations.csv": "\ufeffkey,name,kind,creditCode,division,evidence,registrationAuthority,certificate,certifiedOn,grade,gradeValidTo\r\n" +
		"fund,\"同心, 公益基金会（示例）\",社会组织,53130200MJ0000D450,1302,登记证书,唐山市民政局,CERT-1,2025-01-02,4A,2028-01-02\r\n",
	"站点.csv": "标识,名称,类型,层级,区划代码,服务社区,依托单位,服务领域,纬度,经度\r村,龙凤庄社工站（示例）,社工站,乡镇,130202102,130202102201,,,39.63,118.18\n志,龙凤庄志愿服务站（示例）,志愿服务站,村,130202102201,,龙凤庄村,养老服务；CHILDREN,,\n",
	"communities.csv": "代码,名称,常住人口,电话,设施,纬度,经度,届次,任期开始,任期结束,服务设施,联系人\n" +
		"130202102201,龙凤庄,1000人以上,0315-2000000,书屋;厨房、餐厅,39.631,118.182,11,2026-01-01,2031-01-01,HEALTH:卫生室;助餐点、食堂:助餐点:志,书记:赵示例:13800000009;会计：钱示例\n" +
		"130202102290,示例新村,,,,,,,,,,\n",
	"socialworkers.csv": "key,name,station,skills,level,number,registeredOn\nli,李示例,村,陪伴;LAW,助理社会工作师,A2024001,2025-01-02\n",
	"volunteers.csv": "key,name,bornOn,community,skills,evidence,queriedOn,clearance,guardianName,guardianPhone,givenOn,availability,latitude,longitude\n" +
		"v1,周示例,1990年1月2日,130202102201,烹饪、陪伴,身份证,-3d,查询函1,,,,周一 9:00-11:30;FRIDAY 14：00至16：00,39.63,118.18\nv2,冯示例,2010/5/6,130202102201,,,,,冯父,13800000000,2026-01-01,,,\n",
	"teams.csv":      "key,name,station,about,leader,members\ncooks,龙凤庄助餐队（示例）,村,每天午餐,v1,v1\nnew,龙凤庄新队（示例）,志,,,\n",
	"岗位.csv":         "标识,岗位名称,站点,类型,职责,技能,接触未成年人,人数,已发布,任职者\ncook,助餐员,村,志愿者,做饭,烹饪,是,2,是,v1\nlaw,法律咨询,村,社工,,LAW,,,,li\ndraft,草稿岗位,志,志愿者,,,,,否,\n",
	"recipients.csv": "key,name,category,community,bornOn,class\nwang,王示例,老年人,130202102201,1941-01-01,一般\n",
	"consents.csv":   "key,recipient,purpose,givenBy,evidence\nc1,wang,接受服务,本人,同意书001\n",
	"resources.csv":  "key,owner,title,kind,category,quantity,unit,area,expiresOn\nrice,fund,爱心包（示例）,物资,困难救助,12.5,公斤,1302,+90d\n",
	"batches.csv":    "key,resource,lot,receivedOn,expiresOn,quantity,unit\nrice-2,rice,B7,2026-02-20,+30d,3,公斤\n",
	"requests.csv":   "key,recipient,category,title,from,to,kind,quantity,unit,urgency\nr1,wang,助餐送餐,\"午餐\n一周\",+1d 11:00,+8d 12:00,服务,7,份,较急\n",
	"accounts.csv":   "key,displayName,password,roles\nhelper,协调员（示例）,,协调员:村\nboss,管理员（示例）,correct horse battery,ADMIN:1302;SUPERVISOR:130202\n",
}

func TestImportTakesAWholeFolderAndARepeatChangesNothing(t *testing.T) {
	t.Parallel()
	w, n := open(t)
	ctx := context.Background()
	steps := 0
	report, err := intake.ImportFolder(ctx, files(village), n, func(done, total int) {
		if steps++; done != steps || total != 44 {
			t.Errorf("step %d of %d, want %d of 44", done, total, steps)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Files) != 14 || steps != 44 {
		t.Errorf("%d files, %d steps", len(report.Files), steps)
	}
	if len(report.Accounts) != 1 || report.Accounts[0].Name != "helper" || len(report.Accounts[0].Password) < 20 {
		t.Errorf("accounts told: %v", report.Accounts)
	}
	r, err := n.Requests.Load(ctx, report.IDs["requests"]["r1"])
	if err != nil {
		t.Fatal(err)
	}
	if r.State() != request.Submitted || r.Header.Station != report.IDs["stations"]["村"] || r.Private.Title != "午餐\n一周" {
		t.Errorf("request %s at %s: %q", r.State(), r.Header.Station, r.Private.Title)
	}
	res, err := n.Resources.Load(ctx, report.IDs["resources"]["rice"])
	if err != nil || res.Total.Value != 15500 || len(res.Batches) != 2 || res.Batches[0].ExpiresOn != res.ExpiresOn || res.State() != resource.Published {
		t.Errorf("%v %v", res, err)
	}
	end, _, err := w.Core.DB.LogEnd(ctx)
	if err != nil {
		t.Fatal(err)
	}
	again, err := intake.ImportFolder(ctx, files(village), n, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range again.Files {
		if f.Made != 0 || f.Known == 0 {
			t.Errorf("%s: %d made, %d known", f.File, f.Made, f.Known)
		}
	}
	if again.IDs["requests"]["r1"] != r.ID || len(again.Accounts) != 0 {
		t.Error("a repeat made something")
	}
	if now, _, _ := w.Core.DB.LogEnd(ctx); now != end {
		t.Errorf("the log grew from %d to %d", end, now)
	}
}

func TestImportNamesEveryBadRowAndWritesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, text string
		code       fault.Code
		row        int
		column     string
	}{
		"unknown file":             {"voluntiers.csv", "key\n", fault.CodeInvalid, 0, ""},
		"wrong header":             {"volunteers.csv", "key,name,born,community\n", fault.CodeInvalid, 1, "born"},
		"no such day":              {"volunteers.csv", "key,name,bornOn,community\nv1,周,1990-02-30,130202102201\n", fault.CodeInvalid, 2, "bornOn"},
		"unknown skill":            {"volunteers.csv", "key,name,bornOn,community,技能\nv1,周,1990-02-03,130202102201,飞行\n", fault.CodeCodeUnknown, 2, "技能"},
		"minor alone":              {"volunteers.csv", "key,name,bornOn,community\nv1,周,2012-02-03,130202102201\n", fault.CodeGuardianConsent, 2, ""},
		"unknown community":        {"volunteers.csv", "key,name,bornOn,community\nv1,周,1990-02-03,130202999201\n", "", 2, "community"},
		"same key":                 {"volunteers.csv", "key,name,bornOn,community\nv1,周,1990-02-03,130202102201\nv1,吴,1990-02-03,130202102201\n", fault.CodeDuplicate, 3, "key"},
		"no such row":              {"socialworkers.csv", "key,name,station\nli,李,nowhere\n", fault.CodeNotFound, 2, "station"},
		"half a piece":             {"requests.csv", "key,community,category,title,kind,quantity,unit\nr,130202102201,助餐送餐,午餐,服务,1.5,份\n", fault.CodeQuantityInvalid, 2, "quantity"},
		"another's code":           {"organisations.csv", "key,name,kind,creditCode,division\no,某中心（示例）,社会组织,52130202MJ0000C30R,130202\n", fault.CodeDuplicate, 2, "creditCode"},
		"same login":               {"accounts.csv", "key,displayName\nhelper,某人\nHelper,某人\n", fault.CodeDuplicate, 3, "key"},
		"no such division code":    {"divisions.csv", "key,name\n13020210229,示例村\n", fault.CodeDivisionUnknown, 2, "key"},
		"nothing above":            {"divisions.csv", "key,name\n130202999201,示例村\n", fault.CodeDivisionUnknown, 2, "key"},
		"nothing follows":          {"divisions.csv", "key,name,validTo,successors\n130202102290,示例村,2026-01-01,130202999201\n", fault.CodeDivisionUnknown, 2, "successors"},
		"ends before it begins":    {"divisions.csv", "key,name,validFrom,validTo\n130202102290,示例村,2026-02-01,2026-01-01\n", fault.CodeWindowInvalid, 2, "validTo"},
		"renamed division":         {"行政区划.csv", "代码,名称\n130202102201,别名\n", fault.CodeConflict, 2, "名称"},
		"no such band":             {"communities.csv", "key,name,residents\n130202102201,龙凤庄,很多\n", fault.CodeInvalid, 2, "residents"},
		"no such community":        {"communities.csv", "key,name\n130202102299,示例村\n", fault.CodeDivisionUnknown, 2, "key"},
		"no such facility":         {"communities.csv", "key,name,serviceFacilities\n130202102201,龙凤庄,机场:示例\n", fault.CodeCodeUnknown, 2, "serviceFacilities"},
		"nobody's facility":        {"communities.csv", "key,name,serviceFacilities\n130202102201,龙凤庄,HEALTH:卫生室:nowhere\n", fault.CodeNotFound, 2, "serviceFacilities"},
		"half a place":             {"communities.csv", "key,name,latitude\n130202102201,龙凤庄,39.6\n", fault.CodeInvalid, 2, "longitude"},
		"off the earth":            {"communities.csv", "key,name,latitude,longitude\n130202102201,龙凤庄,139.6,118\n", fault.CodeOutOfRange, 2, "latitude"},
		"a term without days":      {"communities.csv", "key,name,term,termTo\n130202102201,龙凤庄,3,2026-01-01\n", fault.CodeInvalid, 2, "termFrom"},
		"a contact without a name": {"communities.csv", "key,name,contacts\n130202102201,龙凤庄,书记:\n", fault.CodeRequired, 2, "contacts"},
		"team of nobody's":         {"teams.csv", "key,name,station,members\nt,示例队,STATION,nobody\n", fault.CodeNotFound, 2, "members"},
		"a leader from outside":    {"teams.csv", "key,name,station,leader\nt,示例队,STATION,idle\n", fault.CodeNotFound, 2, "leader"},
		"a member at rest":         {"teams.csv", "key,name,station,members\nt,示例队,STATION,idle\n", fault.CodeResourceUnavailable, 2, "members"},
		"a team nowhere":           {"志愿队伍.csv", "标识,队伍名称,站点\nt,示例队,nowhere\n", fault.CodeNotFound, 2, "站点"},
		"no such kind of post":     {"posts.csv", "key,title,station,kind\np,助餐员,STATION,机器人\n", fault.CodeInvalid, 2, "kind"},
		"a post for nobody":        {"posts.csv", "key,title,station,kind,places\np,助餐员,STATION,志愿者,0\n", fault.CodeOutOfRange, 2, "places"},
		"a holder of no kind":      {"岗位.csv", "标识,岗位名称,站点,类型,任职者\np,助餐员,STATION,社工,idle\n", fault.CodeNotFound, 2, "任职者"},
		"a holder at rest":         {"posts.csv", "key,title,station,kind,holders\np,助餐员,STATION,VOLUNTEER,idle\n", fault.CodeResourceUnavailable, 2, "holders"},
		"no such role":             {"accounts.csv", "key,displayName,roles\nhelper,某人,KING:1302\n", fault.CodeInvalid, 2, "roles"},
		"no consent":               {"requests.csv", "key,recipient,category,title,kind,quantity,unit\nr,wang,助餐送餐,午餐,服务,1,份\n", fault.CodeConsentRequired, 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, n := open(t)
			ctx := context.Background()
			before, _, _ := w.Core.DB.LogEnd(ctx)
			_, err := intake.ImportFolder(ctx, files(map[string]string{
				"recipients.csv": "key,name,category,community\nwang,王示例,老年人,130202001001\n",
				"volunteers.csv": "key,name,bornOn,community\nidle,闲示例,1990-01-02,130202001001\n",
				c.file:           strings.ReplaceAll(c.text, "STATION", w.Station),
			}), n, nil)
			var invalid *intake.Invalid
			if !errors.As(err, &invalid) || fault.CodeOf(err) != fault.CodeImportInvalid {
				t.Fatalf("got %v, want IMPORT_INVALID", err)
			}
			p := invalid.Problems[0]
			if p.File != c.file || p.Row != c.row || (c.code != "" && p.Code != c.code) || (c.column != "" && p.Column != c.column) {
				t.Errorf("%+v", p)
			}
			if after, _, _ := w.Core.DB.LogEnd(ctx); after != before {
				t.Errorf("the log grew from %d to %d", before, after)
			}
		})
	}
}

func TestOneBadRowInTenThousandStopsAllOfThem(t *testing.T) {
	t.Parallel()
	w, n := open(t)
	ctx := context.Background()
	var b strings.Builder
	b.WriteString("key,name,bornOn,community\n")
	for i := range 10_000 {
		born := "1990-01-02"
		if i == 7_776 {
			born = "1990-13-02"
		}
		fmt.Fprintf(&b, "v%d,周示例%d,%s,130202102201\n", i, i, born)
	}
	before, _, _ := w.Core.DB.LogEnd(ctx)
	_, err := intake.ImportFolder(ctx, files(map[string]string{"volunteers.csv": b.String()}), n, nil)
	var invalid *intake.Invalid
	if !errors.As(err, &invalid) || invalid.Total != 1 {
		t.Fatalf("got %v, want one problem", err)
	}
	if p := invalid.Problems[0]; p.Row != 7_778 || p.Column != "bornOn" || !strings.Contains(err.Error(), "volunteers.csv, row 7778, column \"bornOn\"") {
		t.Error(err)
	}
	if after, _, _ := w.Core.DB.LogEnd(ctx); after != before {
		t.Errorf("the log grew from %d to %d", before, after)
	}
}

// TestWhatIsWrongInTheFileIsToldAlone: rows are rehearsed while later ones are read, and
// what came of them does not count once a later one is found not to fit.
func TestWhatIsWrongInTheFileIsToldAlone(t *testing.T) {
	t.Parallel()
	_, n := open(t)
	var b strings.Builder
	b.WriteString("key,name,bornOn,community\nv0,周示例,1990-13-02,130202102201\n") // no such day
	rows := n.Core.DB.Bulk() + 1
	for i := range rows {
		fmt.Fprintf(&b, "v%d,周示例,1990-01-02,130202102201\n", i+1)
	}
	fmt.Fprintf(&b, "v%d,周示例,1990-01-02,130202102201\n", rows) // twice
	err := intake.Check(context.Background(), []intake.Input{{Name: "volunteers.csv", Data: []byte(b.String())}}, n, nil)
	var invalid *intake.Invalid
	if !errors.As(err, &invalid) || invalid.Total != 1 || invalid.Problems[0].Code != fault.CodeDuplicate || invalid.Problems[0].Row != rows+3 {
		t.Errorf("%d rows: %v", rows, err)
	}
}

func TestAChangedRowUnderAnOldKeyIsAnError(t *testing.T) {
	t.Parallel()
	_, n := open(t)
	ctx := context.Background()
	row := func(name string) map[string]string {
		return map[string]string{"volunteers.csv": "key,name,bornOn,community\nv1," + name + ",1990-01-02,130202102201\n"}
	}
	if _, err := intake.ImportFolder(ctx, files(row("周示例")), n, nil); err != nil {
		t.Fatal(err)
	}
	_, err := intake.ImportFolder(ctx, files(row("吴示例")), n, nil)
	var invalid *intake.Invalid
	if !errors.As(err, &invalid) || invalid.Problems[0].Code != fault.CodeIdempotencyKeyReused || invalid.Problems[0].Row != 2 {
		t.Fatal(err)
	}
}

func TestAHundredProblemsAreListedAndTheRestCounted(t *testing.T) {
	t.Parallel()
	_, n := open(t)
	text := "key,name,bornOn,community\n" + strings.Repeat("v,周,yesterday,1\n", 1)
	for i := range 149 {
		text += fmt.Sprintf("w%d,周,yesterday,130202102201\n", i)
	}
	_, err := intake.ImportFolder(context.Background(), files(map[string]string{"volunteers.csv": text}), n, nil)
	var invalid *intake.Invalid
	if !errors.As(err, &invalid) || len(invalid.Problems) != 151 || invalid.Total != 151 {
		t.Fatal(err)
	}
	if s := invalid.Message("zh"); !strings.HasSuffix(s, "另有 51 处") || !strings.Contains(s, "没有写入任何数据") {
		t.Error(s)
	}
}
