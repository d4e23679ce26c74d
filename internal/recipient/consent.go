package recipient

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// consentPrefix is that of consents' ids.
const consentPrefix = "cns"

// ConsentNoun is what access knows of consents.
var ConsentNoun = access.Noun{Name: "consent", Screened: true}

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

// ActiveConsent is the id of the newest consent in force for a purpose towards all
// who serve, "" if there is none. Inside a unit it is asserted at the commit.
func (s *Service) ActiveConsent(ctx context.Context, recipientID, purpose string, now time.Time) (string, error) {
	all, err := s.of(ctx, recipientID)
	if err != nil {
		return "", err
	}
	for _, c := range all {
		if c.Purpose == purpose && c.Organisation == "" && c.StateOn(usecase.DateOf(now)) == ConsentActive {
			return c.ID, nil
		}
	}
	return "", nil
}

// followHeader copies a changed header of the recipient to their consents and to what other
// packages keep of them.
func (s *Service) followHeader(ctx context.Context, r *Recipient, a access.Actor) error {
	if err := s.followConsents(ctx, r, a); err != nil {
		return err
	}
	for _, fn := range s.headed {
		if err := fn(ctx, r, a); err != nil {
			return err
		}
	}
	return nil
}

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
		was := c.Header
		c.head(r)
		if err := usecase.Relate(ctx, s.consents, c, &c.Header, &was, usecase.Note(a, "consent.related", r.ID, "")); err != nil {
			return err
		}
	}
	return nil
}

// eraseConsents ends a person's consents and empties what they say.
func (s *Service) eraseConsents(ctx context.Context, a access.Actor, r *Recipient, now time.Time) error {
	all, err := s.of(ctx, r.ID)
	if err != nil {
		return err
	}
	for _, found := range all {
		c, err := s.consents.Get(ctx, found.ID)
		if err != nil {
			return err
		}
		c.Private = consentPrivate{}
		if c.WithdrawnAt.IsZero() {
			c.WithdrawnAt, c.Header.State = now, string(ConsentWithdrawn)
		}
		if err := s.consents.Touch(ctx, c, usecase.Note(a, "consent.erased", r.ID, "")); err != nil {
			return err
		}
	}
	return nil
}

// ConsentView is a consent as who may read the person in full sees it; to others it
// does not exist.
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
	return usecase.One(ctx, a, id, s.ConsentViews)
}

// ConsentViews reads consents for an actor; hidden and missing ones are not in the map.
func (s *Service) ConsentViews(ctx context.Context, a access.Actor, ids []string) (map[string]*ConsentView, error) {
	masked := func(rows []*Consent) ([]*ConsentView, error) { return s.consentViews(ctx, a, rows) }
	return usecase.ByID(ctx, s.consents, ids, masked, func(v *ConsentView) string { return v.ID })
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

// ConsentPast shows a consent as it was at a moment; what it points to is as it is now.
// NOT_FOUND when the actor did not see it then.
func (s *Service) ConsentPast(ctx context.Context, a access.Actor, c *Consent, at time.Time) (*ConsentView, error) {
	return usecase.Only(s.consentViewsAt(ctx, a, []*Consent{c}, at))
}

func (s *Service) consentViews(ctx context.Context, a access.Actor, rows []*Consent) ([]*ConsentView, error) {
	return s.consentViewsAt(ctx, a, rows, s.core.Time())
}

func (s *Service) consentViewsAt(ctx context.Context, a access.Actor, rows []*Consent, now time.Time) ([]*ConsentView, error) {
	sight, today := access.See(a, ConsentNoun), usecase.DateOf(now)
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
		if sight.Of(&c.Header) < access.Full { // what somebody consented to is theirs
			continue
		}
		v := &ConsentView{
			ID: c.ID, Version: c.Version, RecipientID: c.Recipient, Purpose: codes.Code{List: codes.ConsentPurpose, ID: c.Purpose},
			Organisation: org[c.Organisation], GivenBy: c.GivenBy, GivenOn: c.GivenOn, ValidTo: usecase.Opt(c.ValidTo),
			State: c.StateOn(today), Evidence: usecase.Opt(c.Private.Evidence), Hidden: []string{}, CreatedAt: c.CreatedAt,
		}
		if !c.WithdrawnAt.IsZero() {
			v.WithdrawnAt = &c.WithdrawnAt
		}
		out = append(out, v)
	}
	return out, nil
}
