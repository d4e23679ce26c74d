package play

import (
	"context"
	"strconv"
	"time"
)

// dispatches: the resource's owner sends it off; service begins.
func (s *stage) dispatches(ctx context.Context) error {
	s.enter("社会组织·合作方", "Social organisation · partner", "第一份午餐出发。", "The first lunch is on its way.")
	version, _ := strconv.Atoi(s.lines["allocationVersion"]) // as the server gave it
	l, err := s.must(ctx, "partner", "dispatch", "allocationDispatch.allocation", input(map[string]any{
		"allocationId": s.lines["allocation"], "expectedVersion": version,
	}))
	if err != nil {
		return err
	}
	s.lines["allocationVersion"] = l.text("version")
	s.expect("调配", "allocation", l.text("state"), "DISPATCHED")
	s.expect("需求状态", "request", l.text("serviceRequest.state"), "IN_SERVICE")
	s.expect("看板收到", "the board shows", s.live(ctx, "request.started").text("serviceRequest.state"), "IN_SERVICE")
	return nil
}

// serves: in, out, report; a late action with an old fence number is refused.
func (s *stage) serves(ctx context.Context) error {
	s.enter("志愿者", "Volunteer", "周阿姨签到、陪聊、签退，写下做了什么。", "Zhou checks in, keeps her company, checks out and reports.")
	fence, _ := strconv.Atoi(s.lines["fence"]) // as the server gave it
	in := func(fence int, more map[string]any) map[string]any {
		fields := map[string]any{"assignmentId": s.lines["assignment"], "fence": fence}
		for k, v := range more {
			fields[k] = v
		}
		return input(fields)
	}
	s.expect("拿旧的任务序号签到", "checking in with an old fence number",
		s.refused(ctx, "volunteer", "check_in", "assignmentCheckIn", in(fence-1, nil)), "FENCED")
	g, err := s.must(ctx, "volunteer", "check_in", "assignmentCheckIn.assignment", in(fence, map[string]any{"at": moment(s.Now().Add(-61 * time.Minute))}))
	if err != nil {
		return err
	}
	s.expect("任务", "assignment", g.text("state"), "CHECKED_IN")
	g, err = s.must(ctx, "volunteer", "check_out", "assignmentCheckOut.assignment", in(fence, nil))
	if err != nil {
		return err
	}
	s.expect("任务", "assignment", g.text("state"), "CHECKED_OUT")
	s.expect("计入的分钟（超出计划的不计）", "minutes that count (what exceeds the plan does not)", g.text("minutes"), 60)
	g, err = s.must(ctx, "volunteer", "complete", "assignmentComplete.assignment", in(fence, map[string]any{
		"report": s.pick("聊了一小时，一起看了老照片，午餐吃了大半。", "An hour of talk over old photographs; she ate most of her lunch."),
	}))
	if err != nil {
		return err
	}
	s.expect("任务", "assignment", g.text("state"), "COMPLETED")
	s.lines["assignmentVersion"] = g.text("version")
	verify := map[string]any{"assignmentId": s.lines["assignment"], "expectedVersion": g.num("version")}
	s.expect("自己核验自己", "vouching for oneself", s.refused(ctx, "volunteer", "verify", "assignmentVerify", input(verify)), "FORBIDDEN")
	return nil
}

// verifies: the social worker vouches for the hours and for the meals.
func (s *stage) verifies(ctx context.Context) error {
	s.enter("社会工作者", "Social worker", "李社工回访后核验志愿服务，并确认 7 份午餐都送到了。", "Li calls, vouches for the volunteer's hour and for the seven lunches.")
	version, _ := strconv.Atoi(s.lines["assignmentVersion"]) // as the server gave it
	g, err := s.must(ctx, "socialworker", "verify", "assignmentVerify.assignment", input(map[string]any{
		"assignmentId": s.lines["assignment"], "expectedVersion": version,
	}))
	if err != nil {
		return err
	}
	s.expect("任务", "assignment", g.text("state"), "VERIFIED")
	s.expect("需求项“陪伴”", "the line of company", g.text("needLine.state"), "FULFILLED")
	version, _ = strconv.Atoi(s.lines["allocationVersion"]) // as the server gave it
	l, err := s.must(ctx, "socialworker", "deliver_allocation", "allocationDeliver.allocation", input(map[string]any{
		"allocationId": s.lines["allocation"], "expectedVersion": version,
	}))
	if err != nil {
		return err
	}
	s.expect("调配", "allocation", l.text("state"), "DELIVERED")
	s.expect("需求项“午餐”", "the line of lunches", l.text("needLine.state"), "FULFILLED")
	return nil
}

// delivers: the lead reports that all is done.
func (s *stage) delivers(ctx context.Context) error {
	s.enter("社会工作者", "Social worker", "全部完成，李社工提交服务报告。", "All is done; Li reports.")
	if err := s.refresh(ctx, "socialworker"); err != nil {
		return err
	}
	r, err := s.must(ctx, "socialworker", "deliver", "serviceRequestDeliver.serviceRequest", input(map[string]any{
		"serviceRequestId": s.request, "expectedVersion": s.version,
		"report": s.pick("七份午餐按时送达；陪聊一次；建议继续每周探访。", "Seven lunches on time, one hour of company; a weekly visit is advised."),
	}))
	if err != nil {
		return err
	}
	s.moved(r)
	s.expect("需求状态", "request", r.text("state"), "DELIVERED")
	s.expect("看板收到", "the board shows", s.live(ctx, "request.delivered").text("serviceRequest.state"), "DELIVERED")
	return nil
}
