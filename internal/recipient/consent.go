package recipient

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// consentPrefix is that of consents' ids.
const consentPrefix = "cns"

// ConsentNoun is what access knows of consents.
var ConsentNoun = access.Noun{Name: "consent"}

// ConsentGiver is who consented.
type ConsentGiver string

// The givers.
const (
	ByRecipient ConsentGiver = "RECIPIENT"
	ByGuardian  ConsentGiver = "GUARDIAN"
)

// ConsentState is the life of a consent. EXPIRED follows from the calendar.
type ConsentState string

// The states.
const (
	ConsentActive    ConsentState = "ACTIVE"
	ConsentExpired   ConsentState = "EXPIRED"
	ConsentWithdrawn ConsentState = "WITHDRAWN"
)

// Consent is one consent of a recipient for one purpose (PIPL arts. 13–15, 23).
type Consent struct {
	store.Head   `bson:",inline"`
	Header       access.Header  `bson:"h"`
	Recipient    string         `bson:"recipient"`
	Purpose      string         `bson:"purpose"`
	Organisation string         `bson:"organisation"` // "" for the platform's own service
	GivenBy      ConsentGiver   `bson:"givenBy"`
	GivenOn      usecase.Date   `bson:"givenOn"`
	ValidTo      usecase.Date   `bson:"validTo"` // "" for no end
	WithdrawnAt  time.Time      `bson:"withdrawnAt"`
	Private      consentPrivate `bson:"private"`
}

// consentPrivate is how the consent was given.
type consentPrivate struct {
	Evidence string `bson:"evidence"`
}

// StateOn is the state on a day.
func (c *Consent) StateOn(day usecase.Date) ConsentState {
	switch {
	case !c.WithdrawnAt.IsZero():
		return ConsentWithdrawn
	case c.ValidTo != "" && day > c.ValidTo:
		return ConsentExpired
	}
	return ConsentActive
}

func (c *Consent) head(r *Recipient) {
	state := c.Header.State
	c.Header = r.Header
	c.Header.State = state
}

func consentSpec() store.Spec[Consent] {
	return store.Spec[Consent]{
		Name: "consent",
		Fields: access.Fields(func(c *Consent) *access.Header { return &c.Header },
			store.Field[Consent]{Name: "created", Kind: store.Int, Mask: access.Full, Get: func(c *Consent) any { return c.CreatedAt }},
		),
		Indexes: [][]string{{"subject", "created"}},
		Queries: []store.Shape{{Where: []string{"subject"}, Sort: "created"}},
		Guards:  func(c *Consent) []string { return []string{store.GuardName("consent", c.Recipient)} },
		Personal: func(c *Consent) []store.Personal {
			return []store.Personal{{Subject: c.Recipient, Fields: []string{"private"}}}
		},
	}
}

// of reads a recipient's consents, newest first; inside a unit it is guarded.
func (s *Service) of(ctx context.Context, recipientID string) ([]*Consent, error) {
	page, err := s.consents.Find(ctx, store.Query{
		Where: store.Is("subject", recipientID), Sort: "created", Desc: true, Limit: 500, Guard: store.GuardName("consent", recipientID),
	})
	return page.Items, err
}

// ActiveConsent is the id of the newest consent in force for a purpose, "" if there
// is none. Inside a unit it is asserted at the commit.
func (s *Service) ActiveConsent(ctx context.Context, recipientID, purpose string, now time.Time) (string, error) {
	all, err := s.of(ctx, recipientID)
	if err != nil {
		return "", err
	}
	for _, c := range all {
		if c.Purpose == purpose && c.StateOn(usecase.DateOf(now)) == ConsentActive {
			return c.ID, nil
		}
	}
	return "", nil
}

// followConsents copies a changed header of the recipient to their consents.
func (s *Service) followConsents(ctx context.Context, r *Recipient, a access.Actor) error {
	all, err := s.of(ctx, r.ID)
	if err != nil {
		return err
	}
	for _, found := range all {
		c, err := s.consents.Get(ctx, found.ID)
		if err != nil {
			return err
		}
		c.head(r)
		if err := s.consents.Touch(ctx, c, usecase.Note(a, "consent.related", r.ID, "")); err != nil {
			return err
		}
	}
	return nil
}

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
// GUARDIAN_CONSENT_REQUIRED.
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
		if err := access.See(a, Noun).May("consent.grant", &r.Header); err != nil {
			return nil, err
		}
		if years := r.Private.BornOn.YearsTo(c.GivenOn); years >= 0 && years < 14 && in.GivenBy != ByGuardian {
			return nil, fault.New(fault.CodeGuardianConsent, fault.At("input", "givenBy"))
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

func (s *Service) compose(in ConsentGrant) (*Consent, []usecase.Notice, error) {
	today := usecase.DateOf(s.core.Time())
	c := &Consent{
		Head: store.Head{ID: s.core.DB.NewBlindID(consentPrefix)}, Recipient: in.RecipientID, Purpose: in.Purpose,
		Organisation: usecase.Or(in.OrganisationID, ""), GivenBy: in.GivenBy, GivenOn: usecase.Or(in.GivenOn, today), ValidTo: usecase.Or(in.ValidTo, ""),
	}
	c.Header.State = string(ConsentActive)
	if err := usecase.InList(codes.ConsentPurpose, in.Purpose, "input", "purpose"); err != nil {
		return nil, nil, err
	}
	if _, err := c.GivenOn.Start(); err != nil || c.GivenOn > today {
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "givenOn"), fault.P("rule", "DATE"))
	}
	if _, err := c.ValidTo.Start(); c.ValidTo != "" && (err != nil || c.ValidTo < c.GivenOn) {
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "validTo"), fault.P("rule", "DATE"))
	}
	evidence, notices, err := usecase.FreeText(usecase.Or(in.Evidence, ""), 500, false, "input", "evidence")
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
		if err := access.See(a, ConsentNoun).May("consent.withdraw", &c.Header); err != nil {
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

// ConsentView is a consent as one reader sees it.
type ConsentView struct {
	ID           string
	Version      int64
	RecipientID  string
	Purpose      codes.Code
	Organisation *organisation.View
	GivenBy      ConsentGiver
	GivenOn      usecase.Date
	ValidTo      *usecase.Date
	State        ConsentState
	WithdrawnAt  *time.Time
	Evidence     *string
	Hidden       []string
	CreatedAt    time.Time
}

// Consent reads one consent; NOT_FOUND when hidden.
func (s *Service) Consent(ctx context.Context, a access.Actor, id string) (*ConsentView, error) {
	if err := usecase.ID(id, consentPrefix, "id"); err != nil {
		return nil, err
	}
	c, err := s.consents.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	views, err := s.consentViews(ctx, a, []*Consent{c})
	if err != nil {
		return nil, err
	}
	if len(views) == 0 {
		return nil, fault.New(fault.CodeNotFound, fault.P("id", id))
	}
	return views[0], nil
}

// Consents reads the consents of recipients in hand, in their order, newest first;
// nil for those whose consents the reader may not see.
func (s *Service) Consents(ctx context.Context, a access.Actor, recipients []*View) ([][]*ConsentView, error) {
	out := make([][]*ConsentView, len(recipients))
	for i, r := range recipients {
		if r.Mask < access.Full {
			continue
		}
		all, err := s.of(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		if out[i], err = s.consentViews(ctx, a, all); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) consentViews(ctx context.Context, a access.Actor, rows []*Consent) ([]*ConsentView, error) {
	sight, today := access.See(a, ConsentNoun), usecase.DateOf(s.core.Time())
	var organisations []string
	for _, c := range rows {
		if c.Organisation != "" {
			organisations = append(organisations, c.Organisation)
		}
	}
	org, err := s.organisations.Views(ctx, a, organisations)
	if err != nil {
		return nil, err
	}
	out := []*ConsentView{}
	for _, c := range rows {
		mask := sight.Of(&c.Header)
		if mask == access.Hidden {
			continue
		}
		v := &ConsentView{
			ID: c.ID, Version: c.Version, RecipientID: c.Recipient, Purpose: codes.Code{List: codes.ConsentPurpose, ID: c.Purpose},
			Organisation: org[c.Organisation], GivenBy: c.GivenBy, GivenOn: c.GivenOn, ValidTo: usecase.Opt(c.ValidTo),
			State: c.StateOn(today), Hidden: []string{}, CreatedAt: c.CreatedAt,
		}
		if !c.WithdrawnAt.IsZero() {
			v.WithdrawnAt = &c.WithdrawnAt
		}
		if mask >= access.Full {
			v.Evidence = usecase.Opt(c.Private.Evidence)
		} else {
			v.Hidden = append(v.Hidden, "evidence")
		}
		out = append(out, v)
	}
	return out, nil
}
