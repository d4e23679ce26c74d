package play

import (
	"context"
	"slices"
	"strings"
)

// confirms: the recipient answers by a one-time link, without an account.
func (s *stage) confirms(ctx context.Context) error {
	s.enter("居民", "Resident", "王奶奶收到一条短信链接，不用登录，点开确认，给 5 分。链接只能用一次。",
		"Grandmother Wang gets a link by text message, opens it without signing in, and confirms with five points. It works once.")
	link, err := s.must(ctx, "coordinator", "link", "confirmLinkIssue", input(map[string]any{"serviceRequestId": s.request}))
	if err != nil {
		return err
	}
	token := link.text("token")
	about, err := s.ask(ctx, "", "link_about", map[string]any{"token": token})
	if err != nil {
		return err
	}
	s.say("链接上写着：%s，%s，%s", "The link says: %s, %s, %s", about.text("confirmLink.number"), about.text("confirmLink.category.label"), about.text("confirmLink.station.name"))
	answered := input(map[string]any{"token": token, "satisfaction": 5, "note": s.pick("饭热乎，人也好。", "The food was warm and so was she.")})
	r, err := s.must(ctx, "", "confirm", "serviceRequestConfirmByLink", answered)
	if err != nil {
		return err
	}
	s.expect("需求状态", "request", r.text("state"), "CONFIRMED")
	s.expect("再用一次", "using it again", s.refused(ctx, "", "confirm", "serviceRequestConfirmByLink", answered), "LINK_USED")
	s.live(ctx, "request.confirmed")
	return nil
}

// societies in the order of the domain.
var societies = []string{"COMMUNITY", "SOCIAL_WORKER", "SOCIAL_ORGANISATION", "VOLUNTEER", "CHARITY_RESOURCE"}

// closes: the request keeps who took part.
func (s *stage) closes(ctx context.Context) error {
	s.enter("社区·协调员", "Community · coordinator", "结案。五社中谁参与、什么角色、多久，随需求保存。",
		"She closes it. Which of the five societies took part, in what role and for how long, stays with the request.")
	if err := s.refresh(ctx, "coordinator"); err != nil {
		return err
	}
	r, err := s.must(ctx, "coordinator", "close", "serviceRequestClose.serviceRequest", input(map[string]any{
		"serviceRequestId": s.request, "expectedVersion": s.version,
	}))
	if err != nil {
		return err
	}
	s.moved(r)
	s.expect("需求状态", "request", r.text("state"), "CLOSED")
	names, err := s.parties(ctx, r)
	if err != nil {
		return err
	}
	took := map[string]bool{}
	for _, p := range r.list("participation") {
		took[p.text("society")] = true
		s.say("%s · %s · %s · %s", "%s · %s · %s · %s", s.word(p.text("society")), s.word(p.text("role")), names[p.text("partyId")], s.span(p.text("duration")))
	}
	missing := slices.DeleteFunc(slices.Clone(societies), func(name string) bool { return took[name] })
	s.expect("缺席的社", "societies that took no part", strings.Join(missing, ", "), "")
	s.expect("看板收到", "the board shows", s.live(ctx, "request.closed").text("serviceRequest.state"), "CLOSED")
	return nil
}

// parties are the names of those who took part, by id.
func (s *stage) parties(ctx context.Context, r answer) (map[string]string, error) {
	var ids []any
	for _, p := range r.list("participation") {
		ids = append(ids, p.text("partyId"))
	}
	a, err := s.ask(ctx, "coordinator", "parties", map[string]any{"ids": ids})
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, n := range a.list("nodes") {
		names[n.text("id")] = n.text("name") + n.text("displayName") + n.text("title")
	}
	return names, nil
}

// others: how much the people around see of this and of a sealed case.
func (s *stage) others(ctx context.Context) error {
	s.enter("旁观者", "Those around", "同一条需求和一个封存个案，各人看到的不一样。", "The same request and a sealed case, as different people see them.")
	sealed := s.IDs["requests"]["r-safe"]
	for _, c := range []struct {
		actor, id, zh, en string
		title             bool // whether the title is seen
	}{
		{"supervisor", s.request, "市级监管员看王奶奶的需求标题", "the city's supervisor sees the title of this request", true},
		{"guardian", s.request, "别家的监护人看得到吗", "another family's guardian sees the title", false},
		{"partner-fund", s.request, "没参与的合作方看得到标题吗", "a partner who took no part sees the title", false},
		{"officer", sealed, "保护专员看封存个案的标题", "the protection officer sees the title of the sealed case", true},
		{"coordinator", sealed, "协调员看得到封存个案的标题吗", "the coordinator sees the title of the sealed case", false},
		{"supervisor", sealed, "市级监管员看得到封存个案的标题吗", "the supervisor sees the title of the sealed case", false},
	} {
		a, err := s.ask(ctx, c.actor, "request", map[string]any{"id": c.id})
		if err != nil {
			return err
		}
		s.expect(c.zh, c.en, a.text("serviceRequest.title") != "", c.title)
	}
	h, err := s.ask(ctx, "coordinator", "history", map[string]any{"id": s.request})
	if err != nil {
		return err
	}
	kinds := strings.Split(h.words("serviceRequest.history.nodes", "kind"), ", ")
	slices.Reverse(kinds)
	s.say("全部经过：%s", "All that happened: %s", strings.Join(slices.Compact(kinds), " → "))
	s.expect("经过里有多于十步", "more than ten steps are on record", len(h.list("serviceRequest.history.nodes")) > 10, true)
	return nil
}
