package intake

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// standardReach is how far a volunteer goes when the file does not say: what the API
// takes too.
const standardReach = 3000

// volunteers are people who help. Evidence says how their name was checked before the
// import: with it they are verified, and active unless the file says otherwise. A day
// of the query says that they were cleared for contact with minors.
func volunteers() table {
	return table{
		name: "volunteers", zh: "志愿者", prefix: "vol", rests: []string{"sta"},
		out: volunteersOut(),
		columns: columns(
			need("name", "姓名"), may("number", "志愿者编号"), may("phone", "电话"), dated(need("bornOn", "出生日期")), several(may("skills", "技能"), codes.Skill),
			is(need("community", "社区代码", "社区"), "12 位社区代码；设为文本格式", "12 digits; as text"), is(may("reachMetres", "服务半径"), "米，默认 3000", "metres, 3000 by itself"), may("guardianName", "监护人"), may("guardianPhone", "监护人电话"),
			dated(may("givenOn", "监护人同意日期")), may("evidence", "核验依据"), listed(may("active", "状态", "已激活"), yesNo), dated(may("queriedOn", "未成年人准入查询日期")),
			may("clearance", "准入查询依据"), is(may("availability", "可服务时间"), "每周，如 周一 09:00-11:30；可多个", "in a week, as MONDAY 09:00-11:30, parted by ;"), degrees(may("latitude", "纬度")), degrees(may("longitude", "经度")),
		),
		make: func(c *cells) act {
			in := volunteer.Register{
				Name: c.Text("name"), Number: c.opt("number"), Phone: c.opt("phone"), Skills: c.codes("skills", codes.Skill),
				CommunityID: c.community("community"), ReachMetres: standardReach, GuardianConsent: c.guardian(),
				Availability: c.hours("availability"), Location: c.point(),
			}
			if born := c.date("bornOn"); born != nil {
				in.BornOn = *born
			}
			if reach := c.number("reachMetres"); reach != nil {
				in.ReachMetres = *reach
			}
			evidence, active, queried := c.Text("evidence"), c.choice("active", "yes", yesNo) == "yes", c.date("queriedOn")
			clearance := evidence
			if given := c.Text("clearance"); given != "" {
				clearance = given
			}
			return func(ctx context.Context, r *run) (string, []usecase.Notice, error) {
				v, notices, err := r.Volunteers.Register(ctx, r.actor, in)
				if err != nil || evidence == "" {
					return volunteerID(v, err), notices, err
				}
				v, _, err = r.Volunteers.Verify(ctx, r.actor, volunteer.Verify{VolunteerID: v.ID, Evidence: evidence, ExpectedVersion: v.Version})
				if err == nil && active {
					v, _, err = r.Volunteers.Activate(ctx, r.actor, volunteer.Simple{VolunteerID: v.ID, ExpectedVersion: v.Version})
				}
				if err == nil && queried != nil {
					v, _, err = r.Volunteers.MinorsClear(ctx, r.actor, volunteer.MinorsClear{VolunteerID: v.ID, QueriedOn: *queried, Evidence: clearance, ExpectedVersion: v.Version})
				}
				return volunteerID(v, err), notices, err
			}
		},
	}
}

func volunteerID(v *volunteer.View, err error) string {
	if err != nil {
		return ""
	}
	return v.ID
}

// guardian is a guardian's consent, nil when the file names no guardian.
func (c *cells) guardian() *volunteer.ConsentInput {
	if c.Text("guardianName") == "" {
		return nil
	}
	in := &volunteer.ConsentInput{GuardianName: c.Text("guardianName"), GuardianPhone: c.Text("guardianPhone")}
	if on := c.date("givenOn"); on != nil {
		in.GivenOn = *on
	}
	return in
}

var classWords = []word{
	{string(access.Public), []string{"公开"}},
	{string(access.Restricted), []string{"一般"}},
	{string(access.Protected), []string{"保护"}},
	{string(access.Sealed), []string{"封存"}},
}

// recipients are the people whom requests are for.
func recipients() table {
	return table{
		name: "recipients", zh: "服务对象", prefix: "rcp", rests: []string{"sta"},
		out: recipientsOut(),
		columns: columns(
			need("name", "姓名"), may("displayName", "称呼", "代号"), coded(need("category", "类别", "对象类别"), codes.RecipientCategory), listed(may("class", "保密等级"), classWords), dated(may("bornOn", "出生日期")),
			may("phone", "电话"), coded(may("safeContactRule", "联系要求"), codes.SafeContactRule), may("address", "地址"), is(need("community", "社区代码", "社区"), "12 位社区代码；设为文本格式", "12 digits; as text"),
			may("guardianName", "监护人"), may("guardianPhone", "监护人电话"), may("careNote", "照护提示"),
		),
		make: func(c *cells) act {
			in := recipient.Register{
				Name: c.Text("name"), DisplayName: c.opt("displayName"), Category: c.code("category", codes.RecipientCategory),
				Class: access.Class(c.choice("class", string(access.Restricted), classWords)), BornOn: c.date("bornOn"), Phone: c.opt("phone"),
				SafeContactRule: c.optCode("safeContactRule", codes.SafeContactRule), Address: c.opt("address"), CommunityID: c.community("community"),
				GuardianName: c.opt("guardianName"), GuardianPhone: c.opt("guardianPhone"), CareNote: c.opt("careNote"),
			}
			return func(ctx context.Context, r *run) (string, []usecase.Notice, error) {
				v, notices, err := r.Recipients.Register(ctx, r.actor, in)
				if err != nil {
					return "", nil, err
				}
				return v.ID, notices, nil
			}
		},
	}
}

var giverWords = []word{{"RECIPIENT", []string{"本人", "服务对象"}}, {"GUARDIAN", []string{"监护人"}}}

// consents are what recipients or their guardians agreed to.
func consents() table {
	return table{
		name: "consents", zh: "同意书", prefix: "cns", rests: []string{"rcp", "org"},
		out: consentsOut(),
		columns: columns(
			named(need("recipient", "服务对象"), "服务对象", "recipients"), coded(need("purpose", "目的", "用途"), codes.ConsentPurpose), named(may("organisation", "组织"), "组织", "organisations"), listed(need("givenBy", "同意人"), giverWords),
			dated(may("givenOn", "同意日期")), dated(may("validTo", "有效期至")), may("evidence", "依据", "凭证"),
		),
		make: func(c *cells) act {
			in := recipient.ConsentGrant{
				RecipientID: c.ref("recipient", "rcp"), Purpose: c.code("purpose", codes.ConsentPurpose), OrganisationID: c.optRef("organisation", "org"),
				GivenBy: recipient.ConsentGiver(c.choice("givenBy", "", giverWords)), GivenOn: c.date("givenOn"), ValidTo: c.date("validTo"), Evidence: c.opt("evidence"),
			}
			return func(ctx context.Context, r *run) (string, []usecase.Notice, error) {
				v, notices, err := r.Recipients.Grant(ctx, r.actor, in)
				if err != nil {
					return "", nil, err
				}
				return v.ID, notices, nil
			}
		},
	}
}
