package organisation

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Verify says that an organisation's papers were checked.
type Verify struct {
	OrganisationID  string
	Evidence        string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Verify takes the papers as checked; SECOND_PERSON_REQUIRED for who entered them.
func (s *Service) Verify(ctx context.Context, a access.Actor, in Verify) (*View, []usecase.Notice, error) {
	evidence, notices, err := usecase.FreeText(in.Evidence, maxNote, true, "input", "evidence")
	if err != nil {
		return nil, nil, err
	}
	now := s.core.Time()
	v, err := s.step(ctx, a, step{
		op: "organisation.verify", act: ActVerify, id: in.OrganisationID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		event: "organisation.verified",
		rule:  func(o *Organisation) error { return o.verify(a, evidence, now) },
	})
	return v, notices, err
}

// Admit lets an organisation take part.
type Admit struct {
	OrganisationID  string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Admit lets a verified or suspended organisation take part, unless its papers are
// unchecked (TRANSITION_NOT_ALLOWED) or something is published against it
// (ORGANISATION_NOT_ADMITTED).
func (s *Service) Admit(ctx context.Context, a access.Actor, in Admit) (*View, []usecase.Notice, error) {
	v, err := s.step(ctx, a, step{
		op: "organisation.admit", act: ActAdmit, id: in.OrganisationID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		event: "organisation.admitted",
		rule:  func(o *Organisation) error { return o.admissible(a) },
	})
	return v, nil, err
}

// Suspend stops an organisation for a time.
type Suspend struct {
	OrganisationID  string
	Reason          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Suspend stops an organisation; what it promised and has not sent is released in the
// same unit.
func (s *Service) Suspend(ctx context.Context, a access.Actor, in Suspend) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.SanctionReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	v, err := s.step(ctx, a, step{
		op: "organisation.suspend", act: ActSuspend, id: in.OrganisationID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		event: "organisation.suspended", reason: in.Reason,
	})
	return v, nil, err
}

// Bar stops an organisation for good.
type Bar struct {
	OrganisationID  string
	Reason          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Bar stops an organisation for good: its resources are withdrawn, and what it promised
// and has not sent is released in the same unit.
func (s *Service) Bar(ctx context.Context, a access.Actor, in Bar) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.SanctionReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	v, err := s.step(ctx, a, step{
		op: "organisation.bar", act: ActBar, id: in.OrganisationID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		event: "organisation.barred", reason: in.Reason,
	})
	return v, nil, err
}

// CreditRecord is a credit status as the authorities publish it.
type CreditRecord struct {
	OrganisationID  string
	Credit          Credit
	Source          string
	Label           *string
	CheckedAt       *time.Time
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// CreditRecord enters a published credit status; a listing or an end suspends an
// admitted organisation at once. INVALID for a look-up before the last one.
func (s *Service) CreditRecord(ctx context.Context, a access.Actor, in CreditRecord) (*View, []usecase.Notice, error) {
	source, notices, err := usecase.FreeText(in.Source, maxNote, true, "input", "source")
	if err != nil {
		return nil, nil, err
	}
	if !slices.Contains(Credits, in.Credit) {
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "credit"), fault.P("rule", "CREDIT"))
	}
	label, more, err := usecase.FreeText(usecase.Or(in.Label, ""), maxLabel, false, "input", "label")
	if err != nil {
		return nil, nil, err
	}
	now := s.core.Time()
	said := Published{Credit: in.Credit, Label: label, Source: source, CheckedAt: usecase.Or(in.CheckedAt, now).UTC().Truncate(time.Millisecond)}
	if said.CheckedAt.After(now) {
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "checkedAt"), fault.P("rule", "NOT_IN_THE_FUTURE"))
	}
	v, err := s.step(ctx, a, step{
		op: "organisation.creditRecord", act: ActCreditRecord, id: in.OrganisationID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		event: "organisation.credited",
		rule:  func(o *Organisation) error { return o.record(said) },
	})
	return v, append(notices, more...), err
}
