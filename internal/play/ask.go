package play

import (
	"context"
	"time"
)

const day = 24 * time.Hour

// drafts: the resident writes the need down; nobody else sees it yet.
func (s *stage) drafts(ctx context.Context) error {
	s.enter("居民", "Resident", "王奶奶想订一周的午餐，再请人来陪她说说话。她写下需求，还没有提交。",
		"Grandmother Wang would like lunch for a week, and somebody to keep her company. She writes the need down.")
	week := s.Now().Add(day).Truncate(time.Hour)
	r, err := s.must(ctx, "resident", "draft", "serviceRequestDraft.serviceRequest", input(map[string]any{
		"recipientId": s.IDs["recipients"]["wang"], "category": "MEAL_DELIVERY", "window": window(week, 7*day),
		"title":       s.pick("一周午餐送到家，并请人陪聊一小时", "Lunch at home for a week, and an hour of company"),
		"description": s.pick("儿女在外地，最近腿疼下不了楼。", "The children live elsewhere; her legs hurt and she cannot go down the stairs."),
		"needLines": []any{
			map[string]any{"kind": "SERVICE", "title": s.pick("午餐", "Lunch"), "quantity": quantity(7, "PIECE")},
			map[string]any{"kind": "HOURS", "title": s.pick("陪伴", "Company"), "quantity": quantity(60, "MINUTE"), "skills": []string{"COMPANIONSHIP"}},
		},
		"idempotencyKey": s.key("draft"),
	}))
	if err != nil {
		return err
	}
	s.request = r.text("id")
	s.moved(r)
	for _, line := range r.list("needLines") {
		s.lines[line.text("kind")] = line.text("id")
	}
	s.say("需求编号 %s：%s", "Request %s: %s", r.text("number"), r.text("title"))
	s.expect("状态", "state", r.text("state"), "DRAFT")
	s.expect("第一条需求项", "first need line", r.text("needLines.0.kind"), "SERVICE")
	s.expect("第二条需求项", "second need line", r.text("needLines.1.kind"), "HOURS")
	s.expect("落实程度", "coverage", r.text("coverage"), "NONE")
	seen, err := s.see(ctx, "coordinator")
	s.expect("协调员现在看得到吗", "does the coordinator see it", !seen.null("id"), false)
	return err
}

// submits: no request without consent; with it the station gets it.
func (s *stage) submits(ctx context.Context) error {
	s.enter("居民", "Resident", "她提交需求。没有同意书，系统不收；她同意之后，需求送到社工站。",
		"She hands it in. Without her consent it is refused; with it the need goes to the station.")
	if err := s.forgets(ctx); err != nil {
		return err
	}
	asked := map[string]any{"serviceRequestId": s.request, "expectedVersion": s.version}
	s.expect("不同意就提交", "handing in without consent", s.refused(ctx, "resident", "submit", "serviceRequestSubmit", input(asked)), "CONSENT_REQUIRED")
	for _, purpose := range []string{"SERVICE", "SHARE_CONTACT"} {
		c, err := s.must(ctx, "resident", "consent", "consentGrant.consent", input(map[string]any{
			"recipientId": s.IDs["recipients"]["wang"], "purpose": purpose, "givenBy": "RECIPIENT", "idempotencyKey": s.key("consent-" + purpose),
		}))
		if err != nil {
			return err
		}
		s.say("同意：%s", "Consent: %s", c.text("purpose.label"))
	}
	r, err := s.must(ctx, "resident", "submit", "serviceRequestSubmit.serviceRequest", input(asked))
	if err != nil {
		return err
	}
	s.moved(r)
	s.expect("状态", "state", r.text("state"), "SUBMITTED")
	s.say("由 %s 负责", "%s is responsible", r.text("station.name"))
	return nil
}

// forgets withdraws what an earlier play on the same store consented to.
func (s *stage) forgets(ctx context.Context) error {
	a, err := s.ask(ctx, "resident", "consents", map[string]any{"recipientId": s.IDs["recipients"]["wang"]})
	if err != nil {
		return err
	}
	for _, c := range a.list("recipient.consents") {
		if c.text("state") != "ACTIVE" {
			continue
		}
		_, err := s.must(ctx, "resident", "withdraw", "consentWithdraw.consent", input(map[string]any{"consentId": c.text("id"), "expectedVersion": c.num("version")}))
		if err != nil {
			return err
		}
		s.say("撤回以前的同意：%s", "An earlier consent is withdrawn: %s", c.text("purpose.label"))
	}
	return nil
}

// enters: the need comes in on the live board, and nowhere else.
func (s *stage) enters(ctx context.Context) error {
	s.enter("社区·协调员", "Community · coordinator", "乔屯街道社工站的实时看板亮了：不用刷新，需求自己进来。",
		"The live board of the Qiaotun station lights up: the need comes in without reloading.")
	e := s.live(ctx, "request.submitted")
	s.say("实时事件 %s：%s（%s）", "Live event %s: %s (%s)", e.text("__typename"), e.text("serviceRequest.title"), e.text("serviceRequest.category.label"))
	s.expect("事件类型", "type of event", e.text("__typename"), "RequestEntered")
	s.expect("事件里的状态", "state in the event", e.text("serviceRequest.state"), "SUBMITTED")
	for _, c := range []struct{ actor, zh, en string }{
		{"coordinator-wenhua", "相邻街道的协调员看得到吗", "does the next street's coordinator see it"},
		{"partner", "合作方现在看得到吗", "does the partner see it yet"},
		{"volunteer", "志愿者现在看得到吗", "does the volunteer see it yet"},
		{"auditor", "审计员看得到内容吗", "does the auditor see the content"},
	} {
		r, err := s.see(ctx, c.actor)
		if err != nil {
			return err
		}
		s.expect(c.zh, c.en, !r.null("id"), false)
	}
	return nil
}

// triages: urgency, risk and class.
func (s *stage) triages(ctx context.Context) error {
	s.enter("社区·协调员", "Community · coordinator", "看过情况，研判：一般、低风险、一般保密。", "She judges it: normal, low risk, ordinary confidentiality.")
	r, err := s.must(ctx, "coordinator", "triage", "serviceRequestTriage.serviceRequest", input(map[string]any{
		"serviceRequestId": s.request, "urgency": "NORMAL", "risk": "LOW", "class": "RESTRICTED",
		"note": s.pick("听力不好，敲门要久一些。", "Hard of hearing: knock longer."), "expectedVersion": s.version,
	}))
	if err != nil {
		return err
	}
	stale := map[string]any{"serviceRequestId": s.request, "expectedVersion": s.version}
	s.moved(r)
	s.expect("状态", "state", r.text("state"), "TRIAGED")
	s.expect("看板收到", "the board shows", s.live(ctx, "request.triaged").text("serviceRequest.state"), "TRIAGED")
	s.expect("拿旧版本再操作", "acting on the old version", s.refused(ctx, "coordinator", "accept", "serviceRequestAccept", input(stale)), "CONFLICT")
	return nil
}

// takesOn: the request is accepted and matching begins.
func (s *stage) takesOn(ctx context.Context) error {
	s.enter("社区·协调员", "Community · coordinator", "受理。系统随即开始匹配。", "She takes it on. Matching begins in the same step.")
	r, err := s.must(ctx, "coordinator", "accept", "serviceRequestAccept.serviceRequest", input(map[string]any{
		"serviceRequestId": s.request, "expectedVersion": s.version, "idempotencyKey": s.key("accept"),
	}))
	if err != nil {
		return err
	}
	s.moved(r)
	s.expect("状态", "state", r.text("state"), "MATCHING")
	s.live(ctx, "request.accepted")
	e := s.live(ctx, "request.matching")
	s.expect("看板收到", "the board shows", e.text("serviceRequest.state"), "MATCHING")
	return nil
}

// blinded: partners meet the open need without learning whose it is.
func (s *stage) blinded(ctx context.Context) error {
	s.enter("社会组织·合作方", "Social organisation · partner", "暖胃助餐服务中心在全市待匹配的需求里看到它：知道要什么、要多少，不知道是谁。",
		"The meal service finds it among the city's open needs: what and how much, but not whose.")
	a, err := s.ask(ctx, "partner", "open_needs", map[string]any{"first": 20})
	if err != nil {
		return err
	}
	r := a.find("serviceRequests.nodes", "id", s.request)
	s.say("看到：%s，%s，需要 %s", "Seen: %s, %s, wanted %s", r.text("category.label"), r.text("area.name"), r.words("needLines", "missing.value"))
	s.expect("看得到的标题", "the title seen", r.text("title"), "")
	s.expect("看得到的地址", "the address seen", r.text("address"), "")
	s.expect("看得到的服务对象", "the recipient seen", r.text("recipient.displayName")+r.text("recipient.name"), "")
	s.say("被遮盖的字段：%s", "Withheld: %s", r.words("hidden", ""))
	s.expect("封存的个案在列表里吗", "is the sealed case in the list", !a.find("serviceRequests.nodes", "id", s.IDs["requests"]["r-safe"]).null("id"), false)
	return nil
}
