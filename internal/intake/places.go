package intake

import (
	"context"
	"strconv"
	"strings"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/sheet"
	"github.com/fivesociety/linkage/internal/usecase"
)

// codeKey is the key of what is known by its code.
func codeKey(also, zh, en string) sheet.Column {
	return is(need(keyColumn, "代码", also), zh, en)
}

// divisions are known by their code. A row of a division that has ended names what
// follows it; that stands before it in the file, or in the store.
func divisions() table {
	own := columns(
		need("name", "名称"), dated(may("validFrom", "设立日期")), is(dated(may("validTo", "撤销日期")), "不再有效的第一天", "the first day on which it is no longer in force"),
		is(may("successors", "后继区划"), "撤销后由哪些区划代码接替，可多个", "codes of what follows it, parted by ;"),
	)
	own[0] = codeKey("区划代码", "2、4、6、9 或 12 位；设为文本格式；上级在前", "2 to 12 digits, as text; what is above comes first")
	return table{
		name: "divisions", zh: "行政区划", prefix: "div", natural: true, chained: true,
		out: divisionsOut(), columns: own,
		make: func(c *cells) act {
			id := c.place(keyColumn, c.Text(keyColumn))
			in := division.Create{Code: strings.TrimPrefix(id, "div_"), Name: c.Text("name"), ValidFrom: c.date("validFrom")}
			ended := division.Change{DivisionID: id, ValidTo: c.date("validTo")}
			for _, code := range parts(c.Text("successors")) {
				ended.SuccessorIDs = append(ended.SuccessorIDs, c.place("successors", code))
			}
			return func(ctx context.Context, r *run) (string, []usecase.Notice, error) {
				v, _, err := r.Divisions.Create(ctx, r.actor, in)
				if err == nil && (ended.ValidTo != nil || ended.SuccessorIDs != nil) {
					ended.ExpectedVersion = v.Version
					_, _, err = r.Divisions.Change(ctx, r.actor, ended)
				}
				return id, nil, err
			}
		},
	}
}

var bands = []word{
	{string(community.Under1000), []string{"不足1000人"}},
	{string(community.From1000), []string{"1000人以上"}},
	{string(community.From3000), []string{"3000人以上"}},
	{string(community.From10000), []string{"10000人以上"}},
}

// communities are known by their code. Those that the platform made of the public
// list of divisions, and that nobody has described yet, are described by a row.
func communities() table {
	own := columns(
		need("name", "名称"), listed(may("residents", "常住人口"), bands), may("committee", "居（村）民委员会", "居委会", "村委会"), may("phone", "电话"), is(may("facilities", "设施"), "可多个，用分号隔开", "several, parted by ;"),
		degrees(may("latitude", "纬度")), degrees(may("longitude", "经度")), is(may("term", "届次"), "第几届，数字", "a number"), dated(may("termFrom", "任期开始")), dated(may("termTo", "任期结束")),
		is(may("serviceFacilities", "服务设施"), "类型:名称:志愿服务站标识；可多个，用分号隔开", "kind:name:key of its volunteer station, parted by ;"), is(may("contacts", "联系人"), "职务:姓名:电话；可多个，用分号隔开", "post:name:telephone, parted by ;"),
	)
	own[0] = codeKey("社区代码", "12 位；设为文本格式", "12 digits, as text")
	return table{
		name: "communities", zh: "社区", prefix: "com", rests: []string{"div", "sta"}, natural: true,
		out: communitiesOut(), columns: own,
		make: func(c *cells) act {
			id := c.community(keyColumn)
			in := community.Create{
				Name: c.opt("name"), Committee: c.opt("committee"), Phone: c.opt("phone"), Facilities: lists(c.Text("facilities")), Location: c.point(),
				CommitteeTerm: c.term(), ServiceFacilities: c.facilities(), Contacts: c.contacts(),
			}
			if band := community.ResidentBand(c.choice("residents", "", bands)); band != "" {
				in.Residents = &band
			}
			in.DivisionID = "div_" + strings.TrimPrefix(id, "com_")
			return func(ctx context.Context, r *run) (string, []usecase.Notice, error) {
				there, err := r.Communities.Load(ctx, id)
				switch {
				case err == nil:
					_, _, err = r.Communities.Change(ctx, r.actor, community.Change{
						CommunityID: id, Name: in.Name, Residents: in.Residents, Committee: in.Committee, Phone: in.Phone, Facilities: in.Facilities, Location: in.Location,
						CommitteeTerm: in.CommitteeTerm, ServiceFacilities: in.ServiceFacilities, Contacts: in.Contacts, ExpectedVersion: there.Version,
					})
				case fault.KindOf(err) == fault.NotFound:
					_, _, err = r.Communities.Create(ctx, r.actor, in)
				}
				return id, nil, err
			}
		},
	}
}

// degrees is a column of half a place.
func degrees(c sheet.Column) sheet.Column {
	return is(c, "WGS-84，度", "WGS-84, degrees")
}

// point is a place in two columns, nil when both are empty.
func (c *cells) point() *usecase.GeoPoint {
	if c.Text("latitude")+c.Text("longitude") == "" {
		return nil
	}
	read := func(column string) float64 {
		n, err := strconv.ParseFloat(c.Text(column), 64)
		if err != nil {
			c.wrong(column, fault.CodeInvalid, "经纬度应为度数，如 39.63。", "Degrees are wanted, as 39.63.")
		}
		return n
	}
	return &usecase.GeoPoint{Latitude: read("latitude"), Longitude: read("longitude")}
}

func (c *cells) term() *community.Term {
	number := c.number("term")
	if number == nil {
		return nil
	}
	out := &community.Term{Number: *number}
	if from := c.date("termFrom"); from != nil {
		out.ValidFrom = *from
	}
	if to := c.date("termTo"); to != nil {
		out.ValidTo = *to
	}
	return out
}

// lists cuts a cell at semicolons only, for words that may hold other marks.
func lists(cell string) []string {
	return strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || r == '；' })
}

// triples are several times up to three texts, parted by colons.
func triples(cell string) (out [][3]string) {
	for _, part := range lists(cell) {
		var t [3]string
		for i, s := range strings.SplitN(strings.ReplaceAll(part, "：", ":"), ":", 3) {
			t[i] = strings.TrimSpace(s)
		}
		out = append(out, t)
	}
	return out
}

func (c *cells) facilities() (out []community.FacilityInput) {
	for _, t := range triples(c.Text("serviceFacilities")) {
		f := community.FacilityInput{Kind: c.entry("serviceFacilities", codes.FacilityKind, t[0]), Name: t[1]}
		if id := c.refer("serviceFacilities", "sta", t[2]); id != "" {
			f.VolunteerStationID = &id
		}
		out = append(out, f)
	}
	return out
}

func (c *cells) contacts() (out []community.ContactInput) {
	for _, t := range triples(c.Text("contacts")) {
		in := community.ContactInput{Post: t[0], Name: t[1]}
		if t[2] != "" {
			in.Phone = &t[2]
		}
		out = append(out, in)
	}
	return out
}
