package intake

import (
	"context"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/usecase"
)

var resourceKinds = []word{
	{string(resource.Goods), []string{"物资"}},
	{string(resource.Fund), []string{"资金"}},
	{string(resource.Venue), []string{"场地"}},
	{string(resource.Serving), []string{"服务"}},
	{string(resource.InKind), []string{"实物或技能", "实物", "技能"}},
}

var periods = []word{{string(resource.Day), []string{"日", "天"}}, {string(resource.Week), []string{"周"}}, {string(resource.Month), []string{"月"}}}

var capacities = []word{
	{string(resource.AcceptsNew), []string{"接收新对象"}},
	{string(resource.AcceptsNone), []string{"不接收"}},
	{string(resource.ExistingOnly), []string{"只接收服务过的对象"}},
	{string(resource.ExistingFamilies), []string{"只接收服务过的对象及其家人"}},
}

// resources are charity resources; they are on offer unless the file says otherwise.
func resources() table {
	return table{
		name: "resources", zh: "公益慈善资源", prefix: "res", rests: []string{"org", "sta"},
		out: resourcesOut(),
		columns: columns(
			named(need("owner", "所属组织", "提供方"), "组织", "organisations"), need("title", "名称", "标题"), may("description", "说明"), listed(need("kind", "类型"), resourceKinds), coded(need("category", "需求类别", "类别"), codes.NeedCategory),
			need("quantity", "数量"), is(need("unit", "单位"), "件、份、次、分钟、小时、克、公斤、毫升、升、元", "piece, minute, hour, gram, kg, millilitre, litre, yuan"), listed(may("per", "每（日、周、月）", "每"), periods), may("minimum", "最少数量"), timed(may("from", "开始时间")), timed(may("to", "结束时间")),
			dated(may("expiresOn", "有效期至")), may("batch", "批次"), dated(may("receivedOn", "入库日期")), placed(need("area", "服务区划", "区划代码")), several(may("eligibility", "适用对象"), codes.RecipientCategory), listed(may("capacity", "接收能力"), capacities), listed(may("published", "已发布"), yesNo),
		),
		make: func(c *cells) act {
			capacity := resource.Capacity(c.choice("capacity", string(resource.AcceptsNew), capacities))
			in := resource.Create{
				Capacity: &capacity,
				OwnerID:  c.ref("owner", "org"), Title: c.Text("title"), Description: c.opt("description"),
				Kind: resource.Kind(c.choice("kind", "", resourceKinds)), Category: c.code("category", codes.NeedCategory),
				Quantity: c.quantity("quantity", "unit"), Window: c.window("from", "to"), ExpiresOn: c.date("expiresOn"), Batch: c.opt("batch"), ReceivedOn: c.date("receivedOn"),
				AreaID: c.division("area"), Eligibility: c.codes("eligibility", codes.RecipientCategory),
			}
			if c.Text("per") != "" {
				per := resource.Period(c.choice("per", "", periods))
				in.Per = &per
			}
			if c.Text("minimum") != "" {
				least := c.quantity("minimum", "unit")
				in.Minimum = &least
			}
			published := c.choice("published", "yes", yesNo) == "yes"
			return func(ctx context.Context, r *run) (string, []usecase.Notice, error) {
				v, notices, err := r.Resources.Create(ctx, r.actor, in)
				if err != nil {
					return "", nil, err
				}
				if published {
					_, _, err = r.Resources.Publish(ctx, r.actor, resource.Publish{CharityResourceID: v.ID, ExpectedVersion: v.Version})
				}
				return v.ID, notices, err
			}
		},
	}
}

// batches are what came in of goods after what the row of the resource says.
func batches() table {
	return table{
		name: "batches", zh: "物资批次", prefix: "bch", rests: []string{"res"}, chained: true, // of one resource, one after the other
		out: batchesOut(),
		columns: columns(
			is(need("resource", "物资", "资源"), "公益慈善资源表中的标识，或系统编号；只能是物资", "a key in resources, or an id; of goods"), may("lot", "批号", "批次"),
			dated(may("receivedOn", "入库日期")), dated(may("expiresOn", "有效期至")), need("quantity", "数量"), is(need("unit", "单位"), "与资源相同", "that of the resource"),
		),
		make: func(c *cells) act {
			in := resource.Receive{
				CharityResourceID: c.ref("resource", "res"), Lot: c.opt("lot"), ReceivedOn: c.date("receivedOn"), ExpiresOn: c.date("expiresOn"), Quantity: c.quantity("quantity", "unit"),
			}
			return func(ctx context.Context, r *run) (string, []usecase.Notice, error) {
				v, err := r.Resources.Get(ctx, r.actor, in.CharityResourceID)
				if err != nil {
					return "", nil, err
				}
				in := in
				in.ExpectedVersion = v.Version
				v, notices, err := r.Resources.Receive(ctx, r.actor, in)
				if err != nil {
					return "", nil, err
				}
				return v.Batches[len(v.Batches)-1].ID, notices, nil
			}
		},
	}
}
