package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
)

// dayDoc is the day as its people saw it. The test writes it with -update.
const dayDoc = "../docs/coordinators-day.md"

// errand is one need of the day, for one of the world's recipients.
type errand struct {
	who, category, title, urgency, kind, amount, unit string
	from, to                                          time.Duration // after nine on the Monday
	skills                                            []string
}

// errands are thirty needs as a street's station has them in a week: meals, goods, money,
// a room, devices and people's hours.
var errands = []errand{
	{"wang", "MEAL_DELIVERY", "王奶奶每日午餐", "HIGH", "SERVICE", "5", "PIECE", day, 6 * day, nil},
	{"wang", "MEAL_DELIVERY", "王奶奶午餐", "HIGH", "SERVICE", "5", "PIECE", day, 6 * day, nil}, // the same, by another caller
	{"liu", "MEAL_DELIVERY", "刘爷爷术后晚餐", "URGENT", "SERVICE", "7", "PIECE", 8 * time.Hour, 8 * day, nil},
	{"liu", "MEAL_DELIVERY", "刘爷爷周末午餐", "NORMAL", "SERVICE", "2", "PIECE", 5 * day, 7 * day, nil},
	{"qian", "MEAL_DELIVERY", "钱先生午餐", "NORMAL", "SERVICE", "5", "PIECE", day, 6 * day, nil},
	{"qian", "MEAL_DELIVERY", "钱先生晚餐", "NORMAL", "SERVICE", "5", "PIECE", day, 6 * day, nil},
	{"he", "MEAL_DELIVERY", "何女士住院期间孩子的晚餐", "HIGH", "SERVICE", "6", "PIECE", day, 4 * day, nil},
	{"he", "HARDSHIP_RELIEF", "米面油", "NORMAL", "GOODS", "2", "PIECE", day, 8 * day, nil},
	{"wang", "HARDSHIP_RELIEF", "爱心包", "NORMAL", "GOODS", "1", "PIECE", day, 8 * day, nil},
	{"liu", "HARDSHIP_RELIEF", "爱心包", "NORMAL", "GOODS", "1", "PIECE", day, 8 * day, nil},
	{"qian", "HARDSHIP_RELIEF", "爱心包两份", "HIGH", "GOODS", "2", "PIECE", day, 8 * day, nil},
	{"he", "HARDSHIP_RELIEF", "开学用品缺口", "HIGH", "FUND", "80000", "FEN", day, 8 * day, nil},
	{"qian", "HARDSHIP_RELIEF", "假肢维修费", "NORMAL", "FUND", "150000", "FEN", day, 8 * day, nil},
	{"liu", "HARDSHIP_RELIEF", "出院交通费", "URGENT", "FUND", "20000", "FEN", 8 * time.Hour, 8 * day, nil},
	{"qian", "ASSISTIVE_DEVICE", "备用轮椅", "NORMAL", "IN_KIND", "1", "PIECE", day, 8 * day, nil},
	{"liu", "ASSISTIVE_DEVICE", "助行器", "HIGH", "IN_KIND", "1", "PIECE", day, 8 * day, nil},
	{"wang", "ASSISTIVE_DEVICE", "洗澡椅", "NORMAL", "IN_KIND", "10", "PIECE", day, 8 * day, nil}, // more than there is
	{"wang", "GROUP_ACTIVITY_VENUE", "老友读报会", "NORMAL", "VENUE", "120", "MINUTE", 2*day + time.Hour, 2*day + 5*time.Hour, nil},
	{"liu", "GROUP_ACTIVITY_VENUE", "康复操小组", "NORMAL", "VENUE", "120", "MINUTE", 2*day + time.Hour, 2*day + 5*time.Hour, nil},
	{"he", "GROUP_ACTIVITY_VENUE", "家长课堂", "NORMAL", "VENUE", "180", "MINUTE", 2*day + time.Hour, 2*day + 5*time.Hour, nil}, // the room is full by then
	{"wang", "HOME_VISIT", "开车陪同买菜", "NORMAL", "HOURS", "60", "MINUTE", day + time.Hour, day + 2*time.Hour, []string{"DRIVING"}},
	{"liu", "HOME_VISIT", "上门探访、教视频通话", "NORMAL", "HOURS", "60", "MINUTE", day + 3*time.Hour, day + 4*time.Hour, []string{"COMPANIONSHIP", "COMPUTERS"}},
	{"qian", "HOME_VISIT", "上门探访", "NORMAL", "HOURS", "60", "MINUTE", day + 5*time.Hour, day + 6*time.Hour, []string{"COMPANIONSHIP", "COOKING"}},
	{"qian", "HOME_REPAIR", "修水龙头", "HIGH", "HOURS", "60", "MINUTE", day + time.Hour, day + 2*time.Hour, []string{"ELECTRICS"}},
	{"wang", "HOME_REPAIR", "装扶手", "NORMAL", "HOURS", "120", "MINUTE", day + 3*time.Hour, day + 5*time.Hour, []string{"CARPENTRY"}},
	{"he", "TUTORING", "孩子数学辅导", "NORMAL", "HOURS", "60", "MINUTE", day + 7*time.Hour, day + 8*time.Hour, []string{"TEACHING"}},
	{"liu", "HOME_VISIT", "孙子功课", "NORMAL", "HOURS", "60", "MINUTE", 2*day + time.Hour, 2*day + 2*time.Hour, []string{"TEACHING"}},
	{"wang", "MEDICAL_ESCORT", "陪同取药", "HIGH", "HOURS", "120", "MINUTE", day + time.Hour, day + 3*time.Hour, []string{"NURSING"}},
	{"he", "LEGAL_ADVICE", "工伤赔偿咨询", "NORMAL", "SERVICE", "1", "PIECE", day, 8 * day, nil},
	{"qian", "HOME_REPAIR", "换灯管", "NORMAL", "HOURS", "60", "MINUTE", 2*day + time.Hour, 2*day + 2*time.Hour, nil},
}

// theDay is the day under way: its clock, what was said of it, and each errand's thread.
type theDay struct {
	*env
	t     *testing.T
	clock *clock.Manual
	doc   strings.Builder
	work  []*thread
	lines map[any]int // need line → errand
}

func TestACoordinatorsDay(t *testing.T) {
	t.Parallel()
	told := map[string]string{}
	for name, address := range map[string]func(*testing.T) string{
		"sqlite": func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "day.db") },
		"mongo":  func(t *testing.T) string { return mongotest.URI(t) },
	} {
		t.Run(name, func(t *testing.T) {
			c := clock.NewManual(start)
			e, err := open(t.Context(), address(t), c.Now)
			must(t, err)
			t.Cleanup(func() {
				if err := e.stop(); err != nil {
					t.Error(err)
				}
			})
			must(t, e.settle(t.Context()))
			must(t, e.consents(t.Context(), ordinary))
			e.locale = "zh"
			d := &theDay{env: e, t: t, clock: c, lines: map[any]int{}}
			d.play()
			e.checkHeaders(t)
			told[name] = d.doc.String()
		})
	}
	if *update && told["sqlite"] != "" {
		must(t, os.WriteFile(dayDoc, []byte(told["sqlite"]), 0o600))
	}
	want, err := os.ReadFile(dayDoc)
	must(t, err)
	for name, got := range told {
		if got != string(want) {
			t.Errorf("on %s the day went otherwise than %s says (-update writes it):\n%s", name, dayDoc, got)
		}
	}
}

func (d *theDay) play() {
	d.say("# 协调员的一天\n\n由 `go test ./e2e -run ACoordinatorsDay -update` 写成：测试在两种存储上各演一遍，屏幕上的话须与本文一字不差。人物与机构均为合成示例。")
	d.enter()
	d.sift()
	d.whyNot()
	d.plan()
	d.answers()
	d.recall()
	d.serve()
	d.silence()
	d.reopen()
	d.books()
}

// say adds a line to the document.
func (d *theDay) say(format string, args ...any) {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	d.doc.WriteString(format + "\n")
}

// hour heads what follows with the time in China, and moves the clock there.
func (d *theDay) hour(at time.Duration, title string) {
	d.t.Helper()
	if at := start.Add(at); at.After(d.now()) {
		d.clock.Advance(at.Sub(d.now()))
		must(d.t, d.Tick(d.t.Context()))
		for who := range d.tokens { // a new day's sign-in
			must(d.t, d.signIn(d.t.Context(), who, d.names["accounts."+who].(string)))
		}
	}
	d.say("\n## %s　%s", d.now().In(china).Format("1月2日 15:04"), title)
}

var china = time.FixedZone("CST", 8*60*60)

// raw is what no screen may show: a code in capitals, a time of another zone.
var raw = regexp.MustCompile(`[A-Z]{3,}_?[A-Z]*|\d\dT\d\d|\d\dZ|<nil>|%!`)

// shown is text from a screen: it has to read as words.
func (d *theDay) shown(text string) string {
	d.t.Helper()
	if raw.MatchString(text) {
		d.t.Errorf("a screen shows %q", text)
	}
	return text
}

// do is one step of somebody; it has to succeed.
func (d *theDay) do(err error) {
	d.t.Helper()
	must(d.t, err)
}

// told is the answer's first error as its reader sees it.
func (d *theDay) told(actor, document string, variables object) string {
	d.t.Helper()
	a, err := d.post(d.t.Context(), actor, document, variables)
	must(d.t, err)
	data, _ := a.at("data").value.(object)
	for field := range data {
		if m := a.text("data." + field + ".errors.0.message"); m != "" {
			return d.shown(m)
		}
	}
	if m := a.text("errors.0.message"); m != "" {
		return d.shown(m)
	}
	d.t.Errorf("%s was not refused: %v", document, a.value)
	return ""
}

// enter: the morning's calls, faxes and visits become requests.
func (d *theDay) enter() {
	d.hour(0, "三十条需求进来")
	for i, w := range errands {
		d.clock.Advance(time.Minute)
		who := cast{asker: "coordinator", desk: "coordinator", recipient: "recipients." + w.who, resource: "resources." + given[w.kind], class: "RESTRICTED", category: w.category}
		th := &thread{d.env, fmt.Sprint("day.", i), who}
		at := func(after time.Duration) string { return moment(start.Add(after)) }
		d.do(th.do(d.t.Context(), "coordinator", "serviceRequestDraft", "ServiceRequestDraftInput", "serviceRequest { id needLines { id } }", object{
			"recipientId": d.names["recipients."+w.who], "category": w.category, "title": w.title, "urgency": w.urgency, "channel": "HOTLINE",
			"window":    object{"from": at(w.from), "to": at(w.to)},
			"needLines": []any{object{"kind": w.kind, "quantity": amount(w.amount, w.unit), "skills": w.skills}},
		}, map[string]string{"request": "serviceRequest.id", "line": "serviceRequest.needLines.0.id"}))
		a := d.ask(d.t, "coordinator", `mutation($input: ServiceRequestSubmitInput!) { serviceRequestSubmit(input: $input) {
			duplicates { score reasons { label } serviceRequest { title } } errors { code message } } }`, input(th.of(nil)))
		for _, dup := range a.list("serviceRequestSubmit.duplicates") {
			d.say("- 《%s》提交时提示可能重复：《%s》，%s 分（%s）", w.title, dup.text("serviceRequest.title"), dup.text("score"), d.labels(dup, "reasons"))
		}
		d.do(th.refresh(d.t.Context()))
		d.work = append(d.work, th)
		d.lines[th.get("line")] = i
	}
}

func (d *theDay) labels(a answer, path string) string {
	var all []string
	for _, c := range a.list(path) {
		all = append(all, d.shown(c.text("label")))
	}
	return strings.Join(all, "、")
}

// of is the errand with a title.
func (d *theDay) of(title string) *thread {
	d.t.Helper()
	i := slices.IndexFunc(errands, func(w errand) bool { return w.title == title })
	if i < 0 {
		d.t.Fatalf("there is no errand %q", title)
	}
	return d.work[i]
}

// sift: what is no need of this station goes its way, the rest is accepted.
func (d *theDay) sift() {
	d.hour(time.Hour, "分流")
	ctx := d.t.Context()
	for i, th := range d.work {
		d.do(th.do(ctx, "coordinator", "serviceRequestTriage", "ServiceRequestTriageInput", requestField,
			th.of(object{"urgency": errands[i].urgency, "risk": "LOW", "class": "RESTRICTED"}), nil))
	}
	same := d.of("王奶奶午餐")
	d.do(same.do(ctx, "coordinator", "serviceRequestMerge", "ServiceRequestMergeInput", requestField, same.of(object{"survivorId": d.of("王奶奶每日午餐").get("request")}), nil))
	d.say("- 《王奶奶午餐》并入《王奶奶每日午餐》")
	legal := d.of("工伤赔偿咨询")
	d.say("- 《工伤赔偿咨询》不写去处就婉拒：%s", d.told("coordinator", `mutation($input: ServiceRequestDeclineInput!) { serviceRequestDecline(input: $input) { errors { code message } } }`,
		input(legal.of(object{"reason": "STATUTORY_DUTY_ELSEWHERE", "alternative": ""}))))
	d.do(legal.do(ctx, "coordinator", "serviceRequestDecline", "ServiceRequestDeclineInput", requestField,
		legal.of(object{"reason": "STATUTORY_DUTY_ELSEWHERE", "alternative": "区法律援助中心"}), nil))
	d.say("- 《工伤赔偿咨询》婉拒，转告区法律援助中心")
	away := d.of("孩子数学辅导")
	d.do(away.do(ctx, "coordinator", "serviceRequestRefer", "ServiceRequestReferInput", requestField,
		away.of(object{"stationId": d.names["stations.wenhua"], "reason": "NEARER_STATION", "lawfulBasis": "LEGAL_DUTY"}), nil))
	d.do(away.do(ctx, "coordinator-wenhua", "serviceRequestReferralAccept", "ServiceRequestReferralAcceptInput", requestField, away.of(nil), nil))
	d.say("- 《孩子数学辅导》转介文化路街道社工站，对方已接收")
	bare := d.of("换灯管")
	d.do(bare.do(ctx, "coordinator", "serviceRequestReturn", "ServiceRequestReturnInput", requestField, bare.of(object{"missing": []any{"ADDRESS"}}), nil))
	d.say("- 《换灯管》退回补充，缺：%s", d.labels(d.ask(d.t, "coordinator", `query($id: ID!) { serviceRequest(id: $id) { missing { label } } }`, object{"id": bare.get("request")}), "serviceRequest.missing"))
	d.do(bare.do(ctx, "coordinator", "serviceRequestChange", "ServiceRequestChangeInput", requestField, bare.of(object{"address": "丙楼3单元101"}), nil))
	d.do(bare.do(ctx, "coordinator", "serviceRequestSubmit", "ServiceRequestSubmitInput", requestField, bare.of(nil), nil))
	d.do(bare.do(ctx, "coordinator", "serviceRequestTriage", "ServiceRequestTriageInput", requestField, bare.of(object{"urgency": "NORMAL", "risk": "LOW", "class": "RESTRICTED"}), nil))
	for _, th := range d.work {
		if th != same && th != legal && th != away {
			d.do(th.accept(ctx))
		}
	}
	d.counts()
}

// counts is the board by state.
func (d *theDay) counts() {
	n := map[string]int{}
	for _, th := range d.work {
		r := d.ask(d.t, "admin", `query($id: ID!) { serviceRequest(id: $id) { state coverage escalated } }`, object{"id": th.get("request")}).at("serviceRequest")
		s := r.text("state") + " " + r.text("coverage")
		if r.text("escalated") == "true" {
			s += " ↑"
		}
		n[s]++
	}
	var all []string
	for s, k := range n {
		all = append(all, fmt.Sprintf("%s ×%d", s, k))
	}
	sort.Strings(all)
	d.say("\n三十条需求此刻：`%s`", strings.Join(all, "` `"))
}

const whoFits = `query($line: ID!) { matchCandidates(needLineId: $line, best: 3, nearMisses: 5) {
	candidates { charityResource { title } volunteer { name } quantity { value unit } startsAt score reasons { rule { label } detail } }
	nearMisses { charityResource { title } volunteer { name } failures { rule { label } relaxation { label } } } } }`

// whyNot: what the station is told of who fits, and of who nearly would.
func (d *theDay) whyNot() {
	d.hour(2*time.Hour, "谁合适，谁为什么不合适")
	for _, title := range []string{"刘爷爷术后晚餐", "何女士住院期间孩子的晚餐", "洗澡椅", "老友读报会", "开车陪同买菜", "上门探访、教视频通话", "陪同取药"} {
		a := d.ask(d.t, "coordinator", whoFits, object{"line": d.of(title).get("line")}).at("matchCandidates")
		d.say("\n《%s》", title)
		for _, c := range a.list("candidates") {
			d.say("- 可以：%s，%s", d.name(c), d.amount(c))
			for _, r := range c.list("reasons") {
				d.say("  - %s：%s", d.shown(r.text("rule.label")), d.shown(r.text("detail")))
			}
		}
		var not []string // those that miss by as much stand in the order of their ids
		for _, m := range a.list("nearMisses") {
			var why []string
			for _, f := range m.list("failures") {
				w := d.shown(f.text("rule.label"))
				if change := f.text("relaxation.label"); change != "" {
					w += "（若" + d.shown(change) + "则可）"
				}
				why = append(why, w)
			}
			not = append(not, fmt.Sprintf("- 不行：%s，%s\n", d.name(m), strings.Join(why, "；")))
		}
		sort.Strings(not)
		d.doc.WriteString(strings.Join(not, ""))
		if len(a.list("candidates"))+len(a.list("nearMisses")) == 0 {
			d.t.Errorf("nobody is told of for %s", title)
		}
	}
}

func (d *theDay) name(c answer) string {
	if v := c.text("volunteer.name"); v != "" {
		return v
	}
	return c.text("charityResource.title")
}

// amount is how much of a candidate, in the units of a screen.
func (d *theDay) amount(c answer) string {
	n, unit := c.text("quantity.value"), c.text("quantity.unit")
	if unit == "FEN" {
		return strings.TrimSuffix(n, "00") + " 元"
	}
	return n + " " + map[string]string{"PIECE": "份", "MINUTE": "分钟"}[unit]
}

const theBoard = `query($station: ID!) { matchPlan(stationId: $station, losses: 0) {
	needLines complete gap
	items { needLine { id } candidate { charityResource { id title } volunteer { id name } quantity { value unit } startsAt } }
	open { needLine { id } missing { value unit } fitting } } }`

// plan: the whole board at once. The station takes all of it.
func (d *theDay) plan() {
	d.hour(3*time.Hour, "一次排完全站")
	p := d.ask(d.t, "coordinator", theBoard, object{"station": d.names["stations.qiaotun"]}).at("matchPlan")
	var items []any
	var rows []string
	for _, it := range p.list("items") {
		i, known := d.lines[it.text("needLine.id")]
		if !known {
			continue // a need of the world's own
		}
		item := object{
			"needLineId": it.text("needLine.id"), "startsAt": it.at("candidate.startsAt").value,
			"quantity": object{"value": it.text("candidate.quantity.value"), "unit": it.text("candidate.quantity.unit")},
		}
		if v := it.text("candidate.volunteer.id"); v != "" {
			item["volunteerId"], item["task"], item["meetingPoint"] = v, errands[i].title, "社工站门口"
		} else {
			item["charityResourceId"] = it.text("candidate.charityResource.id")
		}
		items = append(items, item)
		rows = append(rows, fmt.Sprintf("- 《%s》← %s，%s", errands[i].title, d.name(it.at("candidate")), d.amount(it.at("candidate"))))
	}
	sort.Strings(rows)
	d.say("%s", strings.Join(rows, "\n"))
	for _, o := range p.list("open") {
		if i, known := d.lines[o.text("needLine.id")]; known {
			d.say("- 《%s》尚无着落，合适的有 %s 个", errands[i].title, o.text("fitting"))
		}
	}
	for i, r := range d.ask(d.t, "coordinator", takePlan, input(object{"items": items})).list("matchPlanAccept.results") {
		if m := r.text("errors.0.message"); m != "" {
			d.t.Errorf("%v: %s", items[i], m)
		}
		th := d.work[d.lines[r.text("needLineId")]]
		th.set("proposal", r.at("matchProposal.id").value)
		th.set("assignment", r.at("assignment.id").value)
		d.do(th.refresh(d.t.Context()))
	}
	d.counts()
}

// given is what the world has for an errand's kind; meals for SERVICE.
var given = map[string]string{"SERVICE": "meals", "GOODS": "parcels", "FUND": "relief", "IN_KIND": "wheelchairs", "VENUE": "hall"}

// answers: partners and volunteers say yes or no; the foundation is silent about money.
func (d *theDay) answers() {
	d.hour(4*time.Hour, "各方答复")
	ctx := d.t.Context()
	for i, th := range d.work {
		w := errands[i]
		switch {
		case th.get("proposal") != nil && w.kind == "FUND":
			// nobody answers
		case w.title == "刘爷爷周末午餐":
			d.do(th.do(ctx, "partner", "matchProposalDecline", "MatchProposalDeclineInput", "matchProposal { id }",
				object{"matchProposalId": th.get("proposal"), "reason": "NO_CAPACITY", "expectedVersion": th.get("proposal.version")}, nil))
			d.say("- 暖胃助餐婉拒《%s》", w.title)
			th.set("proposal", nil)
		case th.get("proposal") != nil:
			d.do(th.hold(ctx))
			d.do(th.commit(ctx))
		case th.get("assignment") != nil:
			a := d.ask(d.t, "admin", `query($id: ID!) { assignment(id: $id) { volunteer { id } fence } }`, object{"id": th.get("assignment")}).at("assignment")
			th.set("fence", a.at("fence").value)
			switch a.text("volunteer.id") {
			case d.names["volunteers.zhou"]:
				d.do(th.take(ctx))
				d.say("- 志愿者周接受《%s》", w.title)
			case d.names["volunteers.wu"]:
				d.do(th.do(ctx, "volunteer-wu", "assignmentDecline", "AssignmentDeclineInput", "assignment { id }", th.duty(true, object{"reason": "TIME"}), nil))
				d.say("- 志愿者吴婉拒《%s》", w.title)
				th.set("assignment", nil)
			default:
				th.set("assignment", nil) // has no account: the offer runs out by itself
				d.say("- 《%s》还没有人答复", w.title)
			}
		}
	}
	d.say("- 答复两次：%s", d.told("partner", `mutation($input: MatchProposalAcceptInput!) { matchProposalAccept(input: $input) { errors { code message } } }`,
		input(object{"matchProposalId": d.of("钱先生午餐").get("proposal"), "expectedVersion": 1})))
	d.counts()
}

// recall: a lot of parcels is called back, and what was promised of it comes from the
// other lot; the wheelchairs are called back whole, and their needs are open again.
func (d *theDay) recall() {
	d.hour(5*time.Hour, "召回")
	const pulled = `query($after: String) { changes(nouns: [SERVICE_REQUEST], after: $after, first: 100) { end events { ... on ObjectChanged { nodeId node { ... on ServiceRequest { state coverage } } } } } }`
	const stock = `query($id: ID!) { charityResource(id: $id) { version batches { id lot committed left } } }`
	parcels, chairs := d.names["resources.parcels"], d.names["resources.wheelchairs"]
	lots := func(when string) answer {
		a := d.ask(d.t, "partner-fund", stock, object{"id": parcels}).at("charityResource")
		for _, b := range a.list("batches") {
			d.say("- 爱心包%s%s：已承诺 %s，余 %s", when, b.text("lot"), b.text("committed"), b.text("left"))
		}
		return a
	}
	before := lots("召回前，")
	first := slices.MaxFunc(before.list("batches"), func(a, b answer) int { return strings.Compare(a.text("committed"), b.text("committed")) })
	d.ask(d.t, "partner-fund", `mutation($input: CharityResourceBatchRecallInput!) { charityResourceBatchRecall(input: $input) { charityResource { id } errors { code message } } }`,
		input(object{"charityResourceId": parcels, "batchId": first.text("id"), "reason": "MAKER_NOTICE", "expectedVersion": before.at("version").value}))
	lots("召回后，")
	end := d.ask(d.t, "coordinator", pulled, nil).text("changes.end")
	v := d.ask(d.t, "partner-aid", stock, object{"id": chairs}).at("charityResource.version").value
	d.ask(d.t, "partner-aid", `mutation($input: CharityResourceRecallInput!) { charityResourceRecall(input: $input) { charityResource { id } errors { code message } } }`,
		input(object{"charityResourceId": chairs, "reason": "DEFECTIVE", "expectedVersion": v}))
	for _, ev := range d.ask(d.t, "coordinator", pulled, object{"after": end}).list("changes.events") {
		i := slices.IndexFunc(d.work, func(th *thread) bool { return th.get("request") == ev.at("nodeId").value })
		if i < 0 {
			continue // the world's own
		}
		th := d.work[i]
		a := d.ask(d.t, "coordinator", `query($id: ID!) { allocation(id: $id) { reason { label } } }`, object{"id": th.get("allocation")})
		d.say("- 轮椅整批召回，值班屏上《%s》随即变为 `%s %s`：%s", errands[i].title, ev.text("node.state"), ev.text("node.coverage"), d.shown(a.text("allocation.reason.label")))
		th.set("allocation", nil)
	}
	d.counts()
}

// serve: what was promised arrives, and its recipients say so.
func (d *theDay) serve() {
	d.hour(day+30*time.Minute, "次日送达")
	ctx := d.t.Context()
	var hours []int
	for i, th := range d.work {
		switch {
		case th.get("allocation") == nil && th.get("assignment") == nil:
			continue
		case errands[i].kind == "HOURS":
			hours = append(hours, i)
		}
		d.do(th.lead(ctx))
	}
	slices.SortStableFunc(hours, func(a, b int) int { return int(errands[a].from - errands[b].from) })
	for _, i := range hours {
		th, w := d.work[i], errands[i]
		d.clock.Advance(start.Add(w.from).Sub(d.now()))
		d.do(th.do(ctx, "volunteer", "assignmentCheckIn", "AssignmentCheckInInput", "assignment { id }", th.duty(false, nil), nil))
		d.clock.Advance(time.Hour)
		d.do(th.checkOut(ctx))
		d.do(th.complete(ctx))
		d.do(th.verify(ctx))
	}
	for i, th := range d.work {
		if th.get("allocation") == nil || errands[i].kind == "VENUE" {
			continue
		}
		d.do(th.dispatch(ctx))
		d.do(th.arrive(ctx))
	}
	d.counts()
	d.hour(2*day+8*time.Hour, "确认与结案")
	for i, th := range d.work {
		if th.get("allocation") == nil && th.get("assignment") == nil {
			continue
		}
		w := errands[i]
		if w.kind == "VENUE" {
			d.do(th.dispatch(ctx))
			d.do(th.arrive(ctx))
		}
		if w.title == "洗澡椅" {
			d.say("- 《洗澡椅》还缺，先送到的不算完：%s", d.told("socialworker", `mutation($input: ServiceRequestDeliverInput!) { serviceRequestDeliver(input: $input) { errors { code message } } }`,
				input(th.of(object{"report": "送到一部分"}))))
			continue
		}
		d.do(th.deliver(ctx))
		switch {
		case w.title == "钱先生晚餐": // left to the reminder
		case w.who == "wang":
			th.cast.asker = "resident"
			d.do(th.confirm(ctx))
			d.do(th.close(ctx))
		default:
			d.do(th.link(ctx))
			d.ask(d.t, "", byLink, input(object{"token": th.get("token")}))
			d.do(th.refresh(ctx))
			d.do(th.close(ctx))
		}
	}
	d.counts()
}

// silence: what nobody answered runs out, and the level above sees it.
func (d *theDay) silence() {
	d.hour(3*day, "没有回音的")
	must(d.t, d.Tick(d.t.Context()))
	for _, title := range []string{"开学用品缺口", "假肢维修费", "出院交通费"} {
		a := d.ask(d.t, "coordinator", `query($id: ID!) { serviceRequest(id: $id) { escalated matchProposals { reason { label } } } }`, object{"id": d.of(title).get("request")}).at("serviceRequest")
		d.say("- 《%s》：%s，上报 %s", title, d.shown(a.text("matchProposals.0.reason.label")), map[string]string{"true": "是", "false": "否"}[a.text("escalated")])
	}
	a := d.ask(d.t, "supervisor", `{ serviceRequests(filter: { escalated: true }, sort: DUE_AT_ASC, first: 50) { nodes { category { label } urgency title } } }`, nil)
	seen := map[string]int{}
	for _, r := range a.list("serviceRequests.nodes") {
		seen[d.shown(r.text("category.label"))]++
	}
	var all []string
	for c, n := range seen {
		all = append(all, fmt.Sprintf("%s %d 件", c, n))
	}
	sort.Strings(all)
	d.say("- 监管员看到：%s", strings.Join(all, "、"))
	d.counts()
}

// reopen: a closed need comes back, and is served again.
func (d *theDay) reopen() {
	d.hour(3*day+time.Hour, "重新打开")
	ctx, th := d.t.Context(), d.of("王奶奶每日午餐")
	d.do(th.refresh(ctx))
	d.do(th.do(ctx, "resident", "serviceRequestReopen", "ServiceRequestReopenInput", requestField, th.of(object{"reason": "CAME_BACK"}), nil))
	d.do(th.triage(ctx))
	d.do(th.do(ctx, "coordinator", "needLineAdd", "NeedLineAddInput", "needLine { id }",
		th.of(object{"line": object{"kind": "SERVICE", "quantity": amount("2", "PIECE")}}), map[string]string{"line.service": "needLine.id"}))
	for _, step := range []func(*thread, context.Context) error{
		(*thread).accept, (*thread).propose, (*thread).hold, (*thread).commit, (*thread).dispatch, (*thread).arrive, (*thread).deliver, (*thread).confirm, (*thread).close,
	} {
		d.do(th.refresh(ctx))
		d.do(step(th, ctx))
	}
	d.say("- 《王奶奶每日午餐》再办两份，再次结案")
}

// books: nothing is promised twice, and all that left is accounted for.
func (d *theDay) books() {
	d.hour(4*day, "账目")
	for _, key := range []string{"meals", "parcels", "relief", "wheelchairs", "hall"} {
		a := d.ask(d.t, "admin", `query($id: ID!) { charityResource(id: $id) { title unit stock { total held committed delivered lost unusable free } } }`, object{"id": d.names["resources."+key]}).at("charityResource")
		n := func(field string) int64 {
			var v int64
			_, err := fmt.Sscan(a.text("stock."+field), &v)
			must(d.t, err)
			return v
		}
		size, unit := int64(1), map[string]string{"PIECE": "份", "MINUTE": "分钟"}[a.text("unit")]
		if a.text("unit") == "FEN" {
			size, unit = 100, "元"
		}
		d.say("- %s：共 %d %s，预留 %d，已承诺 %d，已送达 %d，不可用 %d，可用 %d", a.text("title"), n("total")/size, unit,
			n("held")/size, n("committed")/size, n("delivered")/size, n("unusable")/size, n("free")/size)
		if sum := n("held") + n("committed") + n("delivered") + n("lost") + n("unusable") + n("free"); sum != n("total") || n("free") < 0 {
			d.t.Errorf("the books of %s do not add up: %v", key, a.value)
		}
	}
	d.counts()
}
