package e2e

import (
	"context"
	"time"
)

const day = 24 * time.Hour

// moment is a time as the API takes it.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// span is a window that begins in a while.
func (e *env) span(in, length time.Duration) object {
	from := e.now().Add(in).Truncate(time.Minute)
	return object{"from": moment(from), "to": moment(from.Add(length))}
}

func amount(n, unit string) object { return object{"value": n, "unit": unit} }

const requestField = "serviceRequest { id version }"

func (t *thread) draft(ctx context.Context) error {
	return t.do(ctx, t.cast.asker, "serviceRequestDraft", "ServiceRequestDraftInput", "serviceRequest { id version needLines { id } }", object{
		"recipientId": t.names[t.cast.recipient], "category": t.cast.category, "title": "e2e " + t.prefix, "description": "e2e",
		"window": t.span(day, 7*day),
		"needLines": []any{
			object{"kind": "SERVICE", "title": "service", "quantity": amount("2", "PIECE")},
			object{"kind": "HOURS", "title": "company", "quantity": amount("60", "MINUTE")},
		},
	}, map[string]string{"request": "serviceRequest.id", "line.service": "serviceRequest.needLines.0.id", "line.hours": "serviceRequest.needLines.1.id"})
}

func (t *thread) submit(ctx context.Context) error {
	return t.do(ctx, t.cast.asker, "serviceRequestSubmit", "ServiceRequestSubmitInput", requestField, t.of(nil), nil)
}

func (t *thread) triage(ctx context.Context) error {
	return t.do(ctx, t.cast.desk, "serviceRequestTriage", "ServiceRequestTriageInput", requestField,
		t.of(object{"urgency": "NORMAL", "risk": "LOW", "class": t.cast.class, "note": "knock longer"}), nil)
}

func (t *thread) accept(ctx context.Context) error {
	return t.do(ctx, t.cast.desk, "serviceRequestAccept", "ServiceRequestAcceptInput", requestField, t.of(nil), nil)
}

func (t *thread) giveBack(ctx context.Context) error {
	return t.do(ctx, t.cast.desk, "serviceRequestReturn", "ServiceRequestReturnInput", requestField, t.of(object{"missing": []any{"ADDRESS"}}), nil)
}

// decline takes two for a guarded request.
func (t *thread) decline(ctx context.Context) error {
	by := []string{t.cast.desk}
	if t.cast.desk == "officer" {
		by = append(by, "officer-2")
	}
	for _, actor := range by {
		err := t.do(ctx, actor, "serviceRequestDecline", "ServiceRequestDeclineInput", requestField,
			t.of(object{"reason": "OUT_OF_AREA", "alternative": "the clinic next door"}), nil)
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *thread) pause(ctx context.Context) error {
	return t.do(ctx, t.cast.desk, "serviceRequestHold", "ServiceRequestHoldInput", requestField,
		t.of(object{"reason": "RECIPIENT_AWAY", "resumeOn": t.now().Add(7 * day).Format(time.DateOnly)}), nil)
}

func (t *thread) cancel(ctx context.Context) error {
	return t.do(ctx, t.cast.desk, "serviceRequestCancel", "ServiceRequestCancelInput", requestField, t.of(object{"reason": "NO_LONGER_NEEDED"}), nil)
}

// owner is who answers for the cast's resource.
func (t *thread) owner() string {
	switch t.cast.resource {
	case "resources.talks", "resources.wheelchairs", "resources.hall":
		return "partner-aid"
	case "resources.parcels", "resources.relief":
		return "partner-fund"
	}
	return "partner"
}

func (t *thread) propose(ctx context.Context) error {
	return t.do(ctx, t.cast.desk, "matchProposalPropose", "MatchProposalProposeInput", "matchProposal { id }", object{
		"needLineId": t.get("line.service"), "charityResourceId": t.names[t.cast.resource], "quantity": amount("2", "PIECE"),
	}, map[string]string{"proposal": "matchProposal.id"})
}

func (t *thread) hold(ctx context.Context) error {
	return t.do(ctx, t.owner(), "matchProposalAccept", "MatchProposalAcceptInput", "allocation { id }",
		object{"matchProposalId": t.get("proposal"), "expectedVersion": t.get("proposal.version")}, map[string]string{"allocation": "allocation.id"})
}

// part is an input about the allocation at its present version.
func (t *thread) part(more object) object {
	in := object{"allocationId": t.get("allocation"), "expectedVersion": t.get("allocation.version")}
	for k, v := range more {
		in[k] = v
	}
	return in
}

func (t *thread) commit(ctx context.Context) error {
	return t.do(ctx, t.cast.desk, "allocationCommit", "AllocationCommitInput", "allocation { id }", t.part(nil), nil)
}

func (t *thread) dispatch(ctx context.Context) error {
	return t.do(ctx, t.owner(), "allocationDispatch", "AllocationDispatchInput", "allocation { id }", t.part(nil), nil)
}

func (t *thread) arrive(ctx context.Context) error {
	return t.do(ctx, "socialworker", "allocationDeliver", "AllocationDeliverInput", "allocation { id }", t.part(nil), nil)
}

func (t *thread) lead(ctx context.Context) error {
	return t.do(ctx, t.cast.desk, "serviceRequestLeadAppoint", "ServiceRequestLeadAppointInput", requestField,
		t.of(object{"socialWorkerId": t.names["socialworkers.li"]}), nil)
}

func (t *thread) offer(ctx context.Context) error {
	return t.do(ctx, "socialworker", "assignmentOffer", "AssignmentOfferInput", "assignment { id fence }", object{
		"serviceRequestId": t.get("request"), "needLineId": t.get("line.hours"), "volunteerId": t.names["volunteers.zhou"], "task": "an hour of company",
		"window": t.span(-2*time.Hour, day), "plannedMinutes": 60, "meetingPoint": "the station",
	}, map[string]string{"assignment": "assignment.id", "fence": "assignment.fence"})
}

func (t *thread) take(ctx context.Context) error {
	return t.do(ctx, "volunteer", "assignmentAccept", "AssignmentAcceptInput", "assignment { id }", t.duty(true, nil), nil)
}

// duty is an input about the assignment, at its present version or fence.
func (t *thread) duty(byVersion bool, more object) object {
	in := object{"assignmentId": t.get("assignment")}
	if byVersion {
		in["expectedVersion"] = t.get("assignment.version")
	} else {
		in["fence"] = t.get("fence")
	}
	for k, v := range more {
		in[k] = v
	}
	return in
}

func (t *thread) checkIn(ctx context.Context) error {
	return t.do(ctx, "volunteer", "assignmentCheckIn", "AssignmentCheckInInput", "assignment { id }",
		t.duty(false, object{"at": moment(t.now().Add(-61 * time.Minute))}), nil)
}

func (t *thread) checkOut(ctx context.Context) error {
	return t.do(ctx, "volunteer", "assignmentCheckOut", "AssignmentCheckOutInput", "assignment { id }", t.duty(false, nil), nil)
}

func (t *thread) complete(ctx context.Context) error {
	return t.do(ctx, "volunteer", "assignmentComplete", "AssignmentCompleteInput", "assignment { id }", t.duty(false, object{"report": "we talked"}), nil)
}

func (t *thread) verify(ctx context.Context) error {
	return t.do(ctx, "socialworker", "assignmentVerify", "AssignmentVerifyInput", "assignment { id }", t.duty(true, nil), nil)
}

func (t *thread) deliver(ctx context.Context) error {
	return t.do(ctx, "socialworker", "serviceRequestDeliver", "ServiceRequestDeliverInput", requestField, t.of(object{"report": "all done"}), nil)
}

func (t *thread) link(ctx context.Context) error {
	return t.do(ctx, t.cast.desk, "confirmLinkIssue", "ConfirmLinkIssueInput", "token", object{"serviceRequestId": t.get("request")}, map[string]string{"token": "token"})
}

func (t *thread) confirm(ctx context.Context) error {
	return t.do(ctx, t.cast.asker, "serviceRequestConfirm", "ServiceRequestConfirmInput", requestField, t.of(object{"satisfaction": 5}), nil)
}

func (t *thread) dispute(ctx context.Context) error {
	return t.do(ctx, t.cast.asker, "serviceRequestDispute", "ServiceRequestDisputeInput", requestField, t.of(object{"reason": "NOT_DELIVERED"}), nil)
}

func (t *thread) close(ctx context.Context) error {
	return t.do(ctx, t.cast.desk, "serviceRequestClose", "ServiceRequestCloseInput", requestField, t.of(nil), nil)
}
