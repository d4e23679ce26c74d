package recipient

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// ConsentGrant is a consent to enter.
type ConsentGrant struct {
	RecipientID    string
	Purpose        string
	OrganisationID *string
	GivenBy        ConsentGiver
	GivenOn        *usecase.Date
	ValidTo        *usecase.Date
	Evidence       *string
	IdempotencyKey *string `json:"-"`
}

// Grant enters a consent. For a child under 14 it is the guardian's (PIPL art. 31):
// GUARDIAN_CONSENT_REQUIRED. Evidence is REQUIRED unless the giver enters it.
func (s *Service) Grant(ctx context.Context, a access.Actor, in ConsentGrant) (*ConsentView, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	c, notices, err := s.compose(in)
	if err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, "consent.grant", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		r, err := s.Load(ctx, in.RecipientID)
		if err != nil {
			return nil, err
		}
		if err := may(access.See(a, Noun), r, "consent.grant"); err != nil {
			return nil, err
		}
		if err := c.valid(a, r); err != nil {
			return nil, err
		}
		if c.Organisation != "" {
			if _, err := s.organisations.Named(ctx, a, c.Organisation, "input", "organisationId"); err != nil {
				return nil, err
			}
		}
		fresh := *c // the unit may run again
		fresh.head(r)
		return []string{c.ID}, s.consents.Insert(ctx, &fresh, usecase.Note(a, "consent.granted", r.ID, ""))
	})
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Consent(ctx, a, ids[0])
	return v, notices, err
}

// valid asks whether this person can consent so, and who says that they did.
func (c *Consent) valid(a access.Actor, r *Recipient) error {
	rel := access.See(a, Noun).Relations(&r.Header)
	staff := rel&access.Rel(access.ToLed, access.ToCreated, access.ToStation, access.ToProtected, access.ToSystem) != 0
	personally := (c.GivenBy == ByRecipient && rel.Has(access.ToSelf)) || (c.GivenBy == ByGuardian && rel.Has(access.ToWard))
	switch {
	case r.Erased():
		return fault.New(fault.CodeTransition, fault.P("from", stateErased), fault.P("allowed", []string{}))
	case c.GivenBy != ByGuardian && r.child(c.GivenOn):
		return fault.New(fault.CodeGuardianConsent, fault.At("input", "givenBy"))
	case !personally && !staff: // nobody vouches for the other side
		return fault.New(fault.CodeForbidden)
	case !personally && c.Private.Evidence == "":
		return fault.New(fault.CodeRequired, fault.At("input", "evidence"))
	}
	return nil
}

func (s *Service) compose(in ConsentGrant) (*Consent, []usecase.Notice, error) {
	today := usecase.DateOf(s.core.Time())
	c := &Consent{
		Head: store.Head{ID: s.core.DB.NewBlindID(consentPrefix)}, Recipient: in.RecipientID, Purpose: in.Purpose,
		Organisation: usecase.Or(in.OrganisationID, ""), GivenBy: in.GivenBy, GivenOn: usecase.Or(in.GivenOn, today), ValidTo: usecase.Or(in.ValidTo, ""),
	}
	c.Header.State = string(ConsentActive)
	if err := usecase.ID(in.RecipientID, prefix, "input", "recipientId"); err != nil {
		return nil, nil, err
	}
	if err := usecase.InList(codes.ConsentPurpose, in.Purpose, "input", "purpose"); err != nil {
		return nil, nil, err
	}
	if in.GivenBy != ByRecipient && in.GivenBy != ByGuardian {
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "givenBy"), fault.P("rule", "GIVER"))
	}
	if _, err := c.GivenOn.Start(); err != nil || c.GivenOn > today {
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "givenOn"), fault.P("rule", "DATE"))
	}
	if _, err := c.ValidTo.Start(); c.ValidTo != "" && (err != nil || c.ValidTo < c.GivenOn) {
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "validTo"), fault.P("rule", "DATE"))
	}
	evidence, notices, err := usecase.FreeText(usecase.Or(in.Evidence, ""), 200, false, "input", "evidence")
	c.Private.Evidence = evidence
	return c, notices, err
}

// ConsentWithdraw is a consent to withdraw.
type ConsentWithdraw struct {
	ConsentID       string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Withdraw ends a consent from now on, as easily as it was given (PIPL art. 15).
func (s *Service) Withdraw(ctx context.Context, a access.Actor, in ConsentWithdraw) (*ConsentView, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	if err := usecase.ID(in.ConsentID, consentPrefix, "input", "consentId"); err != nil {
		return nil, nil, err
	}
	now := s.core.Time()
	ids, err := s.core.Run(ctx, a, "consent.withdraw", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		c, err := s.consents.Get(ctx, in.ConsentID)
		if err != nil {
			return nil, err
		}
		sight := access.See(a, ConsentNoun)
		if sight.Of(&c.Header) < access.Full {
			return nil, fault.New(fault.CodeNotFound)
		}
		if err := sight.May("consent.withdraw", &c.Header); err != nil {
			return nil, err
		}
		if err := s.consents.Expect(c, in.ExpectedVersion); err != nil {
			return nil, err
		}
		if st := c.StateOn(usecase.DateOf(now)); st != ConsentActive {
			return nil, fault.New(fault.CodeAlreadyDecided, fault.At("input", "consentId"), fault.P("state", string(st)))
		}
		c.WithdrawnAt, c.Header.State = now, string(ConsentWithdrawn)
		return []string{c.ID}, s.consents.Replace(ctx, c, usecase.Note(a, "consent.withdrawn", c.Recipient, ""))
	})
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Consent(ctx, a, ids[0])
	return v, nil, err
}
