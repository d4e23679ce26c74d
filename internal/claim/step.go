package claim

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/usecase"
)

// MakeInput is a need line to claim.
type MakeInput struct {
	NeedLineID     string
	OrganisationID string
	Quantity       measure.Quantity
	TakeOver       bool
	IdempotencyKey *string `json:"-"`
}

// Make claims a need line for an organisation that the actor is a partner of. From now it
// sees the request as one who is asked. LINE_COVERED, LINE_CLAIMED, DUPLICATE when it has
// an open claim there, INVALID with the rule CAP when it has too many.
func (s *Service) Make(ctx context.Context, a access.Actor, in MakeInput) (*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(in.OrganisationID, "org", "input", "organisationId"); err != nil {
		return nil, err
	}
	if err := in.Quantity.Check("input", "quantity"); err != nil {
		return nil, err
	}
	now, id := s.core.Time(), s.core.DB.NewID("clm")
	ids, err := s.core.Run(ctx, a, "claim.MAKE", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		r, l, err := s.requests.LoadLine(ctx, in.NeedLineID)
		if err != nil {
			return nil, fault.Under(err)
		}
		if err := s.mayMake(a, r, in.OrganisationID); err != nil {
			return nil, err
		}
		if err := s.claimable(ctx, r, l, in, now); err != nil {
			return nil, err
		}
		c := &Claim{Request: r.ID, Line: l.ID, Organisation: in.OrganisationID, Quantity: in.Quantity, TakeOver: in.TakeOver, DueAt: r.After(answerLife, now)}
		c.ID, c.Header.State = id, string(Pending)
		c.head(r)
		if err := s.rows.Insert(ctx, c, usecase.Note(a, "claim.made", r.ID, "")); err != nil {
			return nil, err
		}
		l.Claim(request.LineClaim{ID: id, By: c.Organisation, Value: c.Quantity.Value, Before: l.PromisedBy(c.Organisation)})
		r.Header.Relate(access.PartyAsked, c.Organisation)
		return []string{id}, s.requests.Keep(ctx, a, r, "", "request.claimed", "")
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, a, ids[0])
}

// mayMake: the actor is a partner of the organisation, and it is as such that the request
// is seen: whom it is kept from does not claim it by another organisation's sight.
func (s *Service) mayMake(a access.Actor, r *request.Request, organisationID string) error {
	if s.requests.Sight(a).Of(&r.Header) == access.Hidden {
		return fault.New(fault.CodeNotFound)
	}
	if !a.Is(access.Partner, organisationID) {
		return fault.New(fault.CodeForbidden)
	}
	as := a
	as.ID = ""
	as.Grants = slices.DeleteFunc(slices.Clone(a.Grants), func(g access.Grant) bool {
		return g.Role != access.Partner || g.Scope != organisationID
	})
	return s.requests.Sight(as).May("claim.make", &r.Header)
}

// claimable asks the rules of a new claim.
func (s *Service) claimable(ctx context.Context, r *request.Request, l *request.Line, in MakeInput, now time.Time) error {
	if err := waits(r, "needLineId"); err != nil {
		return err
	}
	if err := unbarred(r, in.OrganisationID, "needLineId"); err != nil {
		return err
	}
	if l.Kind == request.KindHours {
		return fault.New(fault.CodeInvalid, fault.At("input", "needLineId"), fault.P("rule", "KIND"))
	}
	if err := in.Quantity.Same(l.Need.Unit, "input", "quantity"); err != nil {
		return err
	}
	o, err := s.organisations.Load(ctx, in.OrganisationID)
	if err != nil {
		return fault.Under(err, "input", "organisationId")
	}
	if err := o.CanTakePart(); err != nil {
		return fault.Under(err, "input", "organisationId")
	}
	if slices.ContainsFunc(l.Claims, func(c request.LineClaim) bool { return c.By == o.ID }) {
		return fault.New(fault.CodeDuplicate, fault.At("input", "needLineId"), fault.P("field", "needLineId"))
	}
	if err := fits(l, in.Quantity.Value, in.TakeOver, now); err != nil {
		return err
	}
	n, err := s.OpenOf(ctx, o.ID)
	if err == nil && n >= MaxOpen {
		err = fault.New(fault.CodeInvalid, fault.At("input", "organisationId"), fault.P("rule", "CAP"), fault.P("max", MaxOpen))
	}
	return err
}

// waits refuses a claim on a request that waits for no help: TRANSITION_NOT_ALLOWED.
func waits(r *request.Request, field string) error {
	if r.State().Allows(request.StepPropose) {
		return nil
	}
	return fault.New(fault.CodeTransition, fault.At("input", field), fault.P("from", r.Header.State), fault.P("allowed", []string{}))
}

// unbarred refuses an organisation that the request is kept from, in no more words than any
// that does not fit.
func unbarred(r *request.Request, organisationID, field string) error {
	if slices.Contains(r.Header.Barred, organisationID) {
		return fault.New(fault.CodeInvalid, fault.At("input", field), fault.P("rule", "ELIGIBILITY"))
	}
	return nil
}

// fits refuses more than is missing and, unless it is to be taken over, more than is
// nobody's.
func fits(l *request.Line, wanted int64, takeOver bool, now time.Time) error {
	if missing := l.Missing(now); wanted > missing {
		return request.Covered(missing, wanted, "input", "quantity", "value")
	}
	if free := l.Claimable(now); !takeOver && wanted > free {
		return fault.New(fault.CodeLineClaimed, fault.At("input", "quantity", "value"), fault.P("free", free), fault.P("wanted", wanted))
	}
	return nil
}

// GrantInput is a claim to grant.
type GrantInput struct {
	ClaimID         string
	Quantity        *measure.Quantity
	ReleaseClaimIDs []string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Grant agrees to a claim, to a part of it, or to it in place of others, which end in the
// same unit. It goes on at once with what the organisation has given meanwhile.
func (s *Service) Grant(ctx context.Context, a access.Actor, in GrantInput) (*View, error) {
	if in.Quantity != nil {
		if err := in.Quantity.Check("input", "quantity"); err != nil {
			return nil, err
		}
	}
	if len(in.ReleaseClaimIDs) > MaxOpen {
		return nil, fault.New(fault.CodeTooMany, fault.At("input", "releaseClaimIds"), fault.P("max", MaxOpen))
	}
	return s.do(ctx, a, Grant, in.ClaimID, in.ExpectedVersion, in.IdempotencyKey, in,
		func(ctx context.Context, c *Claim, r *request.Request, l *request.Line, now time.Time) error {
			if err := waits(r, "claimId"); err != nil {
				return err
			}
			if err := unbarred(r, c.Organisation, "claimId"); err != nil {
				return err
			}
			o, err := s.organisations.Load(ctx, c.Organisation)
			if err != nil {
				return err
			}
			if err := o.CanTakePart(); err != nil {
				return fault.Under(err, "input", "claimId")
			}
			if err := s.takeOver(ctx, a, r, l, c, in.ReleaseClaimIDs, now); err != nil {
				return err
			}
			if in.Quantity != nil {
				if err := in.Quantity.Same(c.Quantity.Unit, "input", "quantity"); err != nil {
					return err
				}
				if in.Quantity.Value > c.Quantity.Value {
					return fault.New(fault.CodeOutOfRange, fault.At("input", "quantity", "value"), fault.P("min", 1), fault.P("max", c.Quantity.Value))
				}
				c.Quantity = *in.Quantity
			}
			given, _ := l.Since(l.ClaimOf(c.ID), now)
			if err := fits(l, c.Quantity.Value-given, false, now); err != nil {
				return err
			}
			kind, err := c.take(Grant, now)
			if err != nil {
				return err
			}
			c.DueAt = r.After(moveLife, now)
			if err := s.save(ctx, a, r, c, kind); err != nil {
				return err
			}
			return s.requests.Keep(ctx, a, r, "", "request.claimed", "")
		})
}

// takeOver ends the claims in whose place one is granted: other granted ones on its line,
// and only when it asked for that.
func (s *Service) takeOver(ctx context.Context, a access.Actor, r *request.Request, l *request.Line, c *Claim, ids []string, now time.Time) error {
	for _, id := range ids {
		known := l.ClaimOf(id)
		if !c.TakeOver || id == c.ID || known == nil || !known.Granted {
			return fault.New(fault.CodeInvalid, fault.At("input", "releaseClaimIds"), fault.P("rule", "CLAIM_TO_TAKE_OVER"))
		}
		other, err := s.rows.Get(ctx, id)
		if err != nil {
			return err
		}
		if err := s.end(ctx, a, r, other, Release, codes.ReleaseReason, "TAKEN_OVER", now); err != nil {
			return err
		}
	}
	return nil
}

// EndInput declines or releases a claim.
type EndInput struct {
	ClaimID         string
	Reason          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// notByPeople are the reasons that the platform alone finds, by the step that they end.
var notByPeople = map[Step][]string{
	Decline: {"NO_REPLY"},
	Release: {"CLEARANCE_LAPSED", "COVERED", "CREDIT_LISTED", "HOLD_LAPSED", "OWNER_STOPPED", "REQUEST_ENDED", "TAKEN_OVER"},
}

// Decline says no for the station. INVALID with the rule REASON_BY_PEOPLE for a reason that
// the platform alone finds.
func (s *Service) Decline(ctx context.Context, a access.Actor, in EndInput) (*View, error) {
	return s.finish(ctx, a, in, Decline, codes.MatchDeclineReason)
}

// GiveBack releases an open claim, by the organisation or the station. Errors as of Decline.
func (s *Service) GiveBack(ctx context.Context, a access.Actor, in EndInput) (*View, error) {
	return s.finish(ctx, a, in, Release, codes.ReleaseReason)
}

func (s *Service) finish(ctx context.Context, a access.Actor, in EndInput, step Step, list codes.List) (*View, error) {
	if err := usecase.InList(list, in.Reason, "input", "reason"); err != nil {
		return nil, err
	}
	if slices.Contains(notByPeople[step], in.Reason) {
		return nil, fault.New(fault.CodeInvalid, fault.At("input", "reason"), fault.P("rule", "REASON_BY_PEOPLE"))
	}
	return s.do(ctx, a, step, in.ClaimID, in.ExpectedVersion, in.IdempotencyKey, in,
		func(ctx context.Context, c *Claim, r *request.Request, _ *request.Line, now time.Time) error {
			if err := s.end(ctx, a, r, c, step, list, in.Reason, now); err != nil {
				return err
			}
			return s.requests.Keep(ctx, a, r, "", "request.claimed", "")
		})
}

// do runs a step on a claim: load → may → state → version → rule, in one unit. The request
// comes first, so that who comes second hears what has become of the claim.
func (s *Service) do(ctx context.Context, a access.Actor, step Step, id string, expected int64, key *string, input any, rule func(context.Context, *Claim, *request.Request, *request.Line, time.Time) error) (*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(id, "clm", "input", "claimId"); err != nil {
		return nil, err
	}
	found, err := s.rows.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	now := s.core.Time()
	ids, err := s.core.Run(ctx, a, "claim."+string(step), usecase.Or(key, ""), input, func(ctx context.Context) ([]string, error) {
		r, err := s.requests.Load(ctx, found.Request)
		if err != nil {
			return nil, err
		}
		c, err := s.rows.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		if err := s.may(a, c, step); err != nil {
			return nil, err
		}
		if !c.allows(step) {
			_, err := c.take(step, now)
			return nil, err
		}
		if err := s.rows.Expect(c, expected); err != nil {
			return nil, err
		}
		return []string{c.ID}, rule(ctx, c, r, r.Line(c.Line), now)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, a, ids[0])
}
