package intake

import (
	"context"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/usecase"
)

var organisationKinds = []word{
	{string(organisation.Social), []string{"社会组织"}},
	{string(organisation.CommunityGroup), []string{"备案社区社会组织", "社区社会组织"}},
	{string(organisation.Company), []string{"企业"}},
	{string(organisation.PublicInstitution), []string{"事业单位"}},
	{string(organisation.Government), []string{"机关", "政府"}},
}

var grades = []word{{"A1", []string{"1A"}}, {"A2", []string{"2A"}}, {"A3", []string{"3A"}}, {"A4", []string{"4A"}}, {"A5", []string{"5A"}}}

// organisations are bodies of any kind. Evidence says how their papers were checked
// before the import: with it they are verified and admitted, without it they wait.
func organisations() table {
	return table{
		name: "organisations", zh: "组织", prefix: "org",
		out: organisationsOut(),
		columns: columns(
			need("name", "名称"), listed(need("kind", "类型"), organisationKinds), is(may("creditCode", "统一社会信用代码", "信用代码"), "18 位统一社会信用代码", "18 characters"), may("filingNumber", "备案号"),
			placed(need("division", "区划代码", "区划")), may("phone", "电话"), may("profile", "简介"), listed(may("publicFundraising", "公开募捐资格"), yesNo),
			may("registrationAuthority", "登记机关"), may("certificate", "公开募捐资格证书编号"), dated(may("certifiedOn", "公开募捐资格取得日期")), dated(may("revokedOn", "公开募捐资格撤销日期")),
			listed(may("grade", "评估等级"), grades), dated(may("gradeValidTo", "评估有效期至")),
			may("evidence", "核验依据"), listed(may("admitted", "已准入"), yesNo),
		),
		make: func(c *cells) act {
			in := organisation.Create{
				Name: c.Text("name"), Kind: organisation.Kind(c.choice("kind", "", organisationKinds)), CreditCode: c.opt("creditCode"),
				FilingNumber: c.opt("filingNumber"), DivisionID: c.division("division"), Phone: c.opt("phone"), Profile: c.opt("profile"),
				PublicFundraising: c.flag("publicFundraising"), RegistrationAuthority: c.opt("registrationAuthority"),
			}
			if c.Text("certificate") != "" {
				in.Fundraising = &organisation.QualificationInput{Certificate: c.Text("certificate"), ValidFrom: c.dayOf("certifiedOn"), RevokedOn: c.date("revokedOn")}
			}
			if c.Text("grade") != "" {
				in.Rating = &organisation.RatingInput{Grade: organisation.Grade(c.choice("grade", "", grades)), ValidTo: c.dayOf("gradeValidTo")}
			}
			evidence, admitted := c.Text("evidence"), c.choice("admitted", "yes", yesNo) == "yes"
			return func(ctx context.Context, r *run) (string, []usecase.Notice, error) {
				v, notices, err := r.Organisations.Create(ctx, r.actor, in)
				if err != nil || evidence == "" {
					return idOf(v, err), notices, err
				}
				v, more, err := r.Organisations.Verify(ctx, r.actor, organisation.Verify{OrganisationID: v.ID, Evidence: evidence, ExpectedVersion: v.Version})
				if err != nil || !admitted {
					return idOf(v, err), append(notices, more...), err
				}
				_, _, err = r.Organisations.Admit(ctx, r.actor, organisation.Admit{OrganisationID: v.ID, ExpectedVersion: v.Version})
				return v.ID, append(notices, more...), err
			}
		},
	}
}

func idOf(v *organisation.View, err error) string {
	if err != nil {
		return ""
	}
	return v.ID
}

var (
	stationKinds = []word{
		{string(station.SocialWork), []string{"社工站"}},
		{string(station.MinorsProtection), []string{"未保站", "未成年人保护站"}},
		{string(station.Volunteer), []string{"志愿服务站", "志愿服务站点"}},
	}
	stationLevels = []word{
		{string(station.County), []string{"县级", "区级", "县"}},
		{string(station.Street), []string{"街道", "乡镇", "街道级"}},
		{string(station.Community), []string{"社区", "村", "社区级"}},
	}
)

// stations are desks; they are in operation unless the file says otherwise.
func stations() table {
	return table{
		name: "stations", zh: "站点", prefix: "sta", rests: []string{"org"},
		out: stationsOut(),
		columns: columns(
			need("name", "名称"), listed(need("kind", "类型"), stationKinds), listed(need("level", "层级"), stationLevels), placed(need("division", "区划代码", "区划")),
			is(may("community", "服务社区"), "12 位社区代码，可多个", "codes of 12 digits, parted by ;"), named(may("operator", "运营单位", "承接单位"), "组织", "organisations"), may("address", "地址"), may("phone", "电话"), listed(may("operating", "已运营"), yesNo),
			may("host", "依托单位"), several(may("serviceFields", "服务领域"), codes.ServiceField), degrees(may("latitude", "纬度")), degrees(may("longitude", "经度")),
		),
		make: func(c *cells) act {
			in := station.Create{
				Name: c.Text("name"), Kind: station.Kind(c.choice("kind", "", stationKinds)), Level: station.Level(c.choice("level", "", stationLevels)),
				DivisionID: c.division("division"), OperatorID: c.optRef("operator", "org"), Address: c.opt("address"), Phone: c.opt("phone"),
				Host: c.opt("host"), ServiceFields: c.codes("serviceFields", codes.ServiceField), Location: c.point(),
			}
			for _, code := range parts(c.Text("community")) {
				if id := c.place("community", code); id != "" {
					in.CommunityIDs = append(in.CommunityIDs, "com_"+id[len("div_"):])
				}
			}
			operating := c.choice("operating", "yes", yesNo) == "yes"
			return func(ctx context.Context, r *run) (string, []usecase.Notice, error) {
				v, notices, err := r.Stations.Create(ctx, r.actor, in)
				if err != nil {
					return "", nil, err
				}
				if operating {
					_, _, err = r.Stations.Open(ctx, r.actor, station.Open{StationID: v.ID, ExpectedVersion: v.Version})
				}
				return v.ID, notices, err
			}
		},
	}
}

var certificateLevels = []word{
	{string(socialworker.Assistant), []string{"助理社会工作师", "助理"}},
	{string(socialworker.FullyTrained), []string{"社会工作师", "中级"}},
	{string(socialworker.Senior), []string{"高级社会工作师", "高级"}},
}

// workers are social workers. A day of registration says that the certificate was
// checked before the import.
func workers() table {
	return table{
		name: "socialworkers", zh: "社会工作者", prefix: "wrk", rests: []string{"org", "sta"},
		out: workersOut(),
		columns: columns(
			need("name", "姓名"), may("phone", "电话"), named(may("employer", "用人单位", "所属组织"), "组织", "organisations"), named(need("station", "站点"), "站点", "stations"),
			several(may("practiceFields", "服务领域"), codes.PracticeField), several(may("skills", "技能"), codes.Skill), listed(may("level", "证书等级"), certificateLevels), may("number", "证书编号"), dated(may("registeredOn", "登记日期")),
		),
		make: func(c *cells) act {
			in := socialworker.Create{
				Name: c.Text("name"), Phone: c.opt("phone"), EmployerID: c.optRef("employer", "org"), StationID: c.ref("station", "sta"),
				PracticeFields: c.codes("practiceFields", codes.PracticeField), Skills: c.codes("skills", codes.Skill),
			}
			if c.Text("level")+c.Text("number") != "" {
				in.Certificate = &socialworker.CertificateInput{Level: socialworker.Level(c.choice("level", "", certificateLevels)), Number: c.Text("number")}
			}
			registered := c.date("registeredOn")
			return func(ctx context.Context, r *run) (string, []usecase.Notice, error) {
				v, notices, err := r.Workers.Create(ctx, r.actor, in)
				if err != nil {
					return "", nil, err
				}
				if registered != nil {
					_, _, err = r.Workers.Certify(ctx, r.actor, socialworker.Certify{SocialWorkerID: v.ID, RegisteredOn: *registered, ExpectedVersion: v.Version})
				}
				return v.ID, notices, err
			}
		},
	}
}
