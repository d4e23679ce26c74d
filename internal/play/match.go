package play

import (
	"context"
	"time"
)

// plans: the whole board at once, before anything is promised.
func (s *stage) plans(ctx context.Context) error {
	s.enter("社区·协调员", "Community · coordinator", "先看整块看板：系统给出一份方案，说明少了某一项会怎样。",
		"First the whole board: a plan for all that is open, and what it would cost to leave something out.")
	a, err := s.ask(ctx, "coordinator", "plan", map[string]any{"stationId": s.IDs["stations"]["qiaotun"]})
	if err != nil {
		return err
	}
	for _, c := range a.list("matchPlan.coverage") {
		s.say("%s：%s 项中落实 %s 项", "%s: of %s lines %s are covered", c.text("urgency"), c.text("needLines"), c.text("covered"))
	}
	for _, it := range a.list("matchPlan.items") {
		s.say("%s %s ← %s%s，得分 %s；少了它，得分降 %s", "%s %s ← %s%s, score %s; without it scores fall by %s",
			it.text("serviceRequest.number"), it.text("needLine.kind"), it.text("candidate.charityResource.title"), it.text("candidate.volunteer.displayName"),
			it.text("candidate.score"), it.text("loss.score"))
	}
	s.expect("方案可否更好", "how much better it could be", a.text("matchPlan.gap"), "0")
	s.expect("午餐排了几份", "lunches planned", a.find("matchPlan.items", "needLine.id", s.lines["SERVICE"]).text("candidate.quantity.value"), "7")
	s.expect("陪伴有人", "somebody for company", a.find("matchPlan.items", "needLine.id", s.lines["HOURS"]).null("candidate.volunteer"), false)
	return nil
}

// proposes: the coordinator puts a resource to a line and the policy says why it fits.
func (s *stage) proposes(ctx context.Context) error {
	s.enter("社区·协调员", "Community · coordinator", "在公益慈善资源里找到助餐服务，向提供方提议 7 份午餐。",
		"She finds the meal service among the charity resources and proposes seven lunches to its owner.")
	found, err := s.ask(ctx, "coordinator", "resources", map[string]any{"category": "MEAL_DELIVERY"})
	if err != nil {
		return err
	}
	meals := found.find("charityResources.nodes", "id", s.IDs["resources"]["meals"])
	s.say("%s（%s），库存 %s", "%s (%s), %s in stock", meals.text("title"), meals.text("owner.name"), meals.text("stock.free"))
	s.stock = stock{meals.num("stock.held"), meals.num("stock.free")}
	ask := map[string]any{
		"needLineId": s.lines["SERVICE"], "charityResourceId": s.IDs["resources"]["meals"], "quantity": quantity(8, "PIECE"),
	}
	s.expect("多提一份", "one more than is needed", s.refused(ctx, "coordinator", "propose", "matchProposalPropose", input(ask)), "OUT_OF_RANGE")
	ask["quantity"], ask["idempotencyKey"] = quantity(7, "PIECE"), s.key("propose")
	p, err := s.must(ctx, "coordinator", "propose", "matchProposalPropose.matchProposal", input(ask))
	if err != nil {
		return err
	}
	for _, reason := range p.list("reasons") {
		if score := reason.text("score"); score != "" {
			s.say("得分 · %s：%s %s", "Score · %s: %s %s", reason.text("rule.label"), score, reason.text("detail"))
		} else {
			s.say("规则 · %s %s", "Rule · %s %s", reason.text("rule.label"), reason.text("detail"))
		}
	}
	s.say("总分 %s，策略版本 %s", "In all %s, policy version %s", p.text("score"), p.text("policyVersion"))
	s.expect("提议状态", "proposal", p.text("state"), "PROPOSED")
	return nil
}

// holds: the partner accepts, and the stock is held in the same unit of work.
func (s *stage) holds(ctx context.Context) error {
	s.enter("社会组织·合作方", "Social organisation · partner", "收到提议并接受：7 份当场预留，别人再也拿不走。",
		"The partner gets the proposal and accepts: seven are held at once, nobody else can take them.")
	a, err := s.ask(ctx, "partner", "proposals", s.about())
	if err != nil {
		return err
	}
	p := a.find("matchProposals.nodes", "serviceRequest.id", s.request)
	s.expect("接受前看得到的标题", "the title seen before accepting", p.text("serviceRequest.title"), "")
	other, err := s.ask(ctx, "partner-fund", "proposals", s.about())
	s.expect("别的合作方收到的提议", "proposals that another partner sees", len(other.list("matchProposals.nodes")), 0)
	if err != nil {
		return err
	}
	take := map[string]any{"matchProposalId": p.text("id"), "expectedVersion": p.num("version"), "idempotencyKey": s.key("accept-proposal")}
	l, err := s.must(ctx, "partner", "accept_proposal", "matchProposalAccept.allocation", input(take))
	if err != nil {
		return err
	}
	s.lines["allocation"] = l.text("id")
	s.expect("调配", "allocation", l.text("state"), "HELD")
	s.expect("库存：预留", "stock held", l.num("charityResource.stock.held"), s.stock.held+7)
	s.expect("库存：可用", "stock free", l.num("charityResource.stock.free"), s.stock.free-7)
	take["idempotencyKey"] = s.key("accept-again")
	s.expect("再接受一次", "accepting it once more", s.refused(ctx, "partner", "accept_proposal", "matchProposalAccept", input(take)), "ALREADY_DECIDED")
	r, err := s.see(ctx, "coordinator")
	s.expect("落实程度", "coverage", r.text("coverage"), "PARTIAL")
	return err
}

// commits: held becomes promised.
func (s *stage) commits(ctx context.Context) error {
	s.enter("社区·协调员", "Community · coordinator", "确认这批午餐。", "She commits the lunches.")
	l, err := s.must(ctx, "coordinator", "commit", "allocationCommit.allocation", input(map[string]any{
		"allocationId": s.lines["allocation"], "expectedVersion": 1,
	}))
	if err != nil {
		return err
	}
	s.lines["allocationVersion"] = l.text("version")
	s.expect("调配", "allocation", l.text("state"), "COMMITTED")
	return nil
}

// leads: a social worker takes the lead and sees what she needs to.
func (s *stage) leads(ctx context.Context) error {
	s.enter("社区·协调员", "Community · coordinator", "请李社工主责。", "She appoints the social worker Li to lead.")
	before, err := s.see(ctx, "socialworker")
	if err != nil {
		return err
	}
	s.expect("指定之前李社工看得到的标题", "the title that Li sees before", before.text("title"), "")
	if err := s.refresh(ctx, "coordinator"); err != nil {
		return err
	}
	r, err := s.must(ctx, "coordinator", "lead", "serviceRequestLeadAppoint.serviceRequest", input(map[string]any{
		"serviceRequestId": s.request, "socialWorkerId": s.IDs["socialworkers"]["li"], "expectedVersion": s.version,
	}))
	if err != nil {
		return err
	}
	s.say("主责：%s", "Lead: %s", r.text("lead.displayName"))
	after, err := s.see(ctx, "socialworker")
	s.say("李社工现在看得到：%s，%s", "Li now sees: %s, %s", after.text("title"), after.text("address"))
	s.expect("李社工看得到地址", "Li sees the address", after.text("address") != "", true)
	return err
}

// weighs: who could come, who nearly could, and what it would take.
func (s *stage) weighs(ctx context.Context) error {
	s.enter("社区·协调员", "Community · coordinator", "谁能来陪伴？系统排出人选和理由，也说清谁差一点、差什么。",
		"Who could keep her company? The platform ranks them with reasons, and says who nearly could and what is lacking.")
	a, err := s.ask(ctx, "coordinator", "candidates", map[string]any{"needLineId": s.lines["HOURS"]})
	if err != nil {
		return err
	}
	for _, c := range a.list("matchCandidates.candidates") {
		s.say("人选：%s，总分 %s", "Candidate: %s, score %s", c.text("volunteer.displayName"), c.text("score"))
	}
	for _, c := range a.list("matchCandidates.nearMisses") {
		for _, f := range c.list("failures") {
			s.say("差一点：%s，未满足“%s”；最少要改：%s", "Nearly: %s: %s fails; the least change: %s", c.text("volunteer.displayName"), f.text("rule.label"), f.text("relaxation.label"))
		}
	}
	s.expect("周志愿者在人选里", "Zhou is a candidate", !a.find("matchCandidates.candidates", "volunteer.id", s.IDs["volunteers"]["zhou"]).null("score"), true)
	s.expect("吴志愿者差什么", "what Wu lacks", a.find("matchCandidates.nearMisses", "volunteer.id", s.IDs["volunteers"]["wu"]).text("failures.0.rule.id"), "SKILL")
	return nil
}

// offers: a volunteer is asked and does not learn the address yet.
func (s *stage) offers(ctx context.Context) error {
	s.enter("社会工作者", "Social worker", "李社工请志愿者周阿姨来陪聊一小时。", "Li asks the volunteer Zhou for an hour of company.")
	g, err := s.must(ctx, "socialworker", "offer", "assignmentOffer.assignment", input(map[string]any{
		"serviceRequestId": s.request, "needLineId": s.lines["HOURS"], "volunteerId": s.IDs["volunteers"]["zhou"],
		"task": s.pick("送午餐时陪王奶奶聊一小时", "Keep grandmother Wang company for an hour"), "window": window(s.Now().Add(-2*time.Hour), day),
		"plannedMinutes": 60, "idempotencyKey": s.key("offer"),
	}))
	if err != nil {
		return err
	}
	s.lines["assignment"], s.lines["assignmentVersion"], s.lines["fence"] = g.text("id"), g.text("version"), g.text("fence")
	s.expect("任务", "assignment", g.text("state"), "OFFERED")
	return nil
}

// arranges: the volunteer accepts; with the recipient's consent she learns where to go.
func (s *stage) arranges(ctx context.Context) error {
	s.enter("志愿者", "Volunteer", "周阿姨看到任务；接受之前不知道是哪家，接受之后才看到地址。两条需求项都有了着落。",
		"Zhou sees the task; whose it is she learns only when she accepts. Now both lines are covered.")
	a, err := s.ask(ctx, "volunteer", "assignments", s.about())
	if err != nil {
		return err
	}
	g := a.find("assignments.nodes", "id", s.lines["assignment"])
	s.expect("接受前的地址", "address before accepting", g.text("address"), "")
	s.expect("接受前的联系方式", "contact before accepting", g.text("safeContact"), "")
	g, err = s.must(ctx, "volunteer", "accept_assignment", "assignmentAccept.assignment", input(map[string]any{
		"assignmentId": s.lines["assignment"], "expectedVersion": g.num("version"), "idempotencyKey": s.key("take"),
	}))
	if err != nil {
		return err
	}
	s.say("地址：%s；联系：%s", "Address: %s; contact: %s", g.text("address"), g.text("safeContact"))
	s.expect("任务", "assignment", g.text("state"), "ACCEPTED")
	s.expect("接受后看得到地址", "address after accepting", g.text("address") != "", true)
	s.expect("需求状态", "request", g.text("serviceRequest.state"), "ARRANGED")
	s.expect("落实程度", "coverage", g.text("serviceRequest.coverage"), "FULL")
	s.expect("看板收到", "the board shows", s.live(ctx, "request.arranged").text("serviceRequest.coverage"), "FULL")
	return nil
}
