package intake

import (
	"context"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/usecase"
)

var (
	urgencies = []word{{string(request.Normal), []string{"一般", "普通"}}, {string(request.High), []string{"较急"}}, {string(request.Urgent), []string{"紧急"}}}
	lineKinds = []word{
		{string(request.KindGoods), []string{"物资"}},
		{string(request.KindFund), []string{"资金"}},
		{string(request.KindVenue), []string{"场地"}},
		{string(request.KindService), []string{"服务"}},
		{string(request.KindInKind), []string{"实物或技能", "实物", "技能"}},
		{string(request.KindHours), []string{"人工", "志愿时间", "时间"}},
	}
)

// requests are needs with one need line each; they are handed in unless the file says
// otherwise.
func requests() table {
	return table{
		name: "requests", zh: "服务需求", prefix: "req", rests: []string{"rcp", "cns", "sta"},
		out: requestsOut(),
		columns: columns(
			named(may("recipient", "服务对象"), "服务对象", "recipients"), is(may("community", "社区代码", "社区"), "12 位社区代码；设为文本格式", "12 digits; as text"), coded(need("category", "需求类别", "类别"), codes.NeedCategory), need("title", "标题"),
			may("description", "情况说明"), listed(may("urgency", "紧急程度"), urgencies), timed(may("from", "开始时间")), timed(may("to", "结束时间")), several(may("constraints", "要求"), codes.Constraint),
			coded(may("channel", "来源"), codes.RequestChannel), listed(need("kind", "需求种类"), lineKinds), need("quantity", "数量"), is(need("unit", "单位"), "件、份、次、分钟、小时、克、公斤、毫升、升、元", "piece, minute, hour, gram, kg, millilitre, litre, yuan"), several(may("skills", "技能"), codes.Skill),
			listed(may("submitted", "已提交"), yesNo), coded(may("lawfulBasis", "法定依据"), codes.LawfulBasis),
		),
		make: func(c *cells) act {
			line := request.LineInput{
				Kind: request.Kind(c.choice("kind", "", lineKinds)), Quantity: c.quantity("quantity", "unit"), Skills: c.codes("skills", codes.Skill),
			}
			in := request.DraftInput{
				RecipientID: c.optRef("recipient", "rcp"), Category: c.code("category", codes.NeedCategory), Title: c.Text("title"), Description: c.opt("description"),
				Urgency: request.Urgency(c.choice("urgency", string(request.Normal), urgencies)), Window: c.window("from", "to"),
				Constraints: c.codes("constraints", codes.Constraint), Channel: c.optCode("channel", codes.RequestChannel), NeedLines: []request.LineInput{line},
			}
			if id := c.community("community"); id != "" {
				in.CommunityID = &id
			}
			submitted, basis := c.choice("submitted", "yes", yesNo) == "yes", c.optCode("lawfulBasis", codes.LawfulBasis)
			return func(ctx context.Context, r *run) (string, []usecase.Notice, error) {
				v, notices, err := r.Requests.Draft(ctx, r.actor, in)
				if err != nil || !submitted {
					return requestID(v, err), notices, err
				}
				_, _, more, err := r.Requests.Submit(ctx, r.actor, request.SubmitInput{ServiceRequestID: v.ID, LawfulBasis: basis, ExpectedVersion: v.Version})
				return v.ID, append(notices, more...), err
			}
		},
	}
}

func requestID(v *request.View, err error) string {
	if err != nil {
		return ""
	}
	return v.ID
}
