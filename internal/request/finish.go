package request

import (
	"context"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// DeliverInput says that the service is done.
type DeliverInput struct {
	ServiceRequestID string
	Report           string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Deliver says that the service is done; every line is fulfilled, short or
// cancelled by then (LINES_OPEN names the others).
func (s *Service) Deliver(ctx context.Context, a access.Actor, in DeliverInput) (*View, []usecase.Notice, error) {
	var w words
	v, err := s.do(ctx, a, change{
		step: StepDeliver, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
		rule: func(_ context.Context, r *Request, now time.Time) error {
			w = words{}
			w.free(&r.Private.Report, &in.Report, 4000, true, "report")
			if left := r.unfinished(now); len(left) > 0 {
				w.keep(fault.New(fault.CodeLinesOpen, fault.At("input", "serviceRequestId"), fault.P("lines", left)))
			}
			r.DeliveredAt = now
			return w.err
		},
	})
	return v, w.notices, err
}

// ConfirmInput confirms that the service was received.
type ConfirmInput struct {
	ServiceRequestID string
	Satisfaction     *int
	Note             *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Confirm confirms by the recipient or a guardian, never by somebody who served
// (NOT_OWN_VERIFIER). It ends an open dispute.
func (s *Service) Confirm(ctx context.Context, a access.Actor, in ConfirmInput) (*View, []usecase.Notice, error) {
	if err := satisfaction(in.Satisfaction); err != nil {
		return nil, nil, err
	}
	var w words
	v, err := s.do(ctx, a, change{
		step: StepConfirm, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
		rule: func(_ context.Context, r *Request, now time.Time) error {
			by := "GUARDIAN"
			if s.Sight(a).Relations(&r.Header).Has(access.ToSelf) {
				by = "RECIPIENT"
			}
			w = words{}
			w.free(&r.Private.Said, in.Note, 1000, false, "note")
			w.keep(notServed(a, r))
			r.confirmed(by, in.Satisfaction, "", now)
			return w.err
		},
	})
	return v, w.notices, err
}

// WitnessInput confirms in the recipient's place.
type WitnessInput struct {
	ServiceRequestID string
	Witness          string
	Reason           string
	Note             *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Witness confirms in the recipient's place, with a witness and a reason, never by
// somebody who served.
func (s *Service) Witness(ctx context.Context, a access.Actor, in WitnessInput) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.WitnessReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	var w words
	v, err := s.do(ctx, a, change{
		step: StepWitness, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in, reason: in.Reason,
		rule: func(_ context.Context, r *Request, now time.Time) error {
			w = words{}
			w.free(&r.Private.Witness, &in.Witness, 64, true, "witness")
			w.free(&r.Private.Said, in.Note, 1000, false, "note")
			w.keep(notServed(a, r))
			r.confirmed("WITNESS", nil, in.Reason, now)
			return w.err
		},
	})
	return v, w.notices, err
}

func (r *Request) confirmed(by string, satisfied *int, reason string, now time.Time) {
	c := &Confirmation{By: by, At: now, Reason: reason}
	if satisfied != nil {
		c.Satisfaction = *satisfied
	}
	r.Confirmed, r.Disputed, r.Link = c, false, ""
}

func satisfaction(n *int) error {
	if n != nil && (*n < 1 || *n > 5) {
		return fault.New(fault.CodeOutOfRange, fault.At("input", "satisfaction"), fault.P("min", 1), fault.P("max", 5))
	}
	return nil
}

// notServed refuses whoever leads, helps or supplies, or did: nobody confirms their
// own work.
func notServed(a access.Actor, r *Request) error {
	for _, g := range a.Grants {
		for _, p := range []access.Party{access.PartyLead, access.PartyHelp, access.PartySupply, access.PartyServed} {
			for _, entry := range r.Header.Parties {
				if entry == p.Of(g.Scope) {
					return fault.New(fault.CodeNotOwnVerifier)
				}
			}
		}
	}
	return nil
}

// DisputeInput says that the service was not as reported.
type DisputeInput struct {
	ServiceRequestID string
	Reason           string
	Note             *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Dispute raises the flag that keeps the request from being closed.
func (s *Service) Dispute(ctx context.Context, a access.Actor, in DisputeInput) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.DisputeReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	var w words
	v, err := s.do(ctx, a, change{
		step: StepDispute, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in, reason: in.Reason,
		rule: func(_ context.Context, r *Request, _ time.Time) error {
			w = words{}
			w.free(&r.Private.Said, in.Note, 1000, false, "note")
			w.keep(r.dispute(in.Reason))
			return w.err
		},
	})
	return v, w.notices, err
}

func (r *Request) dispute(reason string) error {
	if r.Disputed {
		return fault.New(fault.CodeAlreadyDecided, fault.At("input", "serviceRequestId"), fault.P("state", "DISPUTED"))
	}
	r.Disputed, r.Link = true, ""
	r.because(codes.DisputeReason, reason)
	return nil
}

// DisputeSettleInput settles a dispute.
type DisputeSettleInput struct {
	ServiceRequestID string
	Rework           bool
	Note             string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// DisputeSettle lowers the flag after talking to the recipient; with Rework the
// request goes back into service. Never by somebody who served.
func (s *Service) DisputeSettle(ctx context.Context, a access.Actor, in DisputeSettleInput) (*View, []usecase.Notice, error) {
	var w words
	v, err := s.do(ctx, a, change{
		step: StepSettle, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
		rule: func(_ context.Context, r *Request, _ time.Time) error {
			w = words{}
			w.free(&r.Private.ReasonNote, &in.Note, 1000, true, "note")
			w.keep(notServed(a, r))
			if !r.Disputed {
				w.keep(fault.New(fault.CodeAlreadyDecided, fault.At("input", "serviceRequestId"), fault.P("state", "UNDISPUTED")))
			}
			r.Disputed = false
			return w.err
		},
		then: func(ctx context.Context, r *Request, now time.Time) (string, error) {
			if !in.Rework {
				return "", nil
			}
			return s.next(ctx, a, r, StepSettle, "", systemRework, now)
		},
	})
	return v, w.notices, err
}

// CloseInput closes a confirmed request.
type CloseInput struct {
	ServiceRequestID string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Close settles what was delivered and stores which of the five societies took
// part, in what role and for how long.
func (s *Service) Close(ctx context.Context, a access.Actor, in CloseInput) (*View, []usecase.Notice, error) {
	v, err := s.do(ctx, a, change{
		step: StepClose, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
		rule: func(ctx context.Context, r *Request, now time.Time) error {
			r.Parts = r.station(now)
			for _, c := range s.children {
				if err := c.Settle(ctx, a, r); err != nil {
					return err
				}
				parts, err := c.Parts(ctx, r)
				if err != nil {
					return err
				}
				r.Parts = append(r.Parts, parts...)
			}
			r.EndedAt = now
			return s.follow(ctx, a, r, r.Lead, false)
		},
	})
	return v, nil, err
}

// retire ends what who helped or supplied may see of a request that has ended: they
// stay on its record (domain.md §3d: access ends with the assignment).
func (r *Request) retire() {
	for _, entry := range r.serving() {
		p, id, _ := strings.Cut(entry, ":")
		r.Header.Unrelate(access.Party(p), id)
		r.Header.Relate(access.PartyServed, id)
	}
}

// serving are the parties who help or supply.
func (r *Request) serving() (out []string) {
	for _, entry := range r.Header.Parties {
		if p, _, _ := strings.Cut(entry, ":"); p == string(access.PartyHelp) || p == string(access.PartySupply) {
			out = append(out, entry)
		}
	}
	return out
}

// station is what the community and the social worker took part with until now.
func (r *Request) station(now time.Time) []Participation {
	var out []Participation
	if !r.SubmittedAt.IsZero() {
		out = append(out, Participation{Society: "COMMUNITY", Role: "COORDINATED", Party: "com_" + r.Place, Since: r.SubmittedAt, Lasted: now.Sub(r.SubmittedAt)})
	}
	if r.Lead != "" {
		out = append(out, Participation{Society: "SOCIAL_WORKER", Role: "LED", Party: r.Lead, Since: r.LeadSince, Lasted: now.Sub(r.LeadSince)})
	}
	return out
}
