package socialworker

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	maxName   = 64
	maxPhone  = 32
	maxNumber = 32
	maxFields = 20
	maxSkills = 50
)

// CertificateInput is a certificate as told by its holder.
type CertificateInput struct {
	Level  Level
	Number string
}

// Create is a new social worker.
type Create struct {
	Name           string
	Phone          *string
	EmployerID     *string
	StationID      string
	PracticeFields []string
	Skills         []string
	Certificate    *CertificateInput
	IdempotencyKey *string `json:"-"`
}

// Create enters a social worker; who did it sees them in full.
func (s *Service) Create(ctx context.Context, a access.Actor, in Create) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	w := &SocialWorker{Head: store.Head{ID: s.core.DB.NewBlindID(prefix)}, PracticeFields: []string{}, Skills: []string{}}
	w.Header.Class = access.Restricted
	w.activate(true)
	w.Header.Relate(access.PartySelf, w.ID)
	w.Header.Relate(access.PartyCreator, a.ID)
	if err := w.fill(words{&in.Name, in.Phone, in.PracticeFields, in.Skills, in.Certificate}); err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, "worker.create", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		fresh := *w // the unit may run again
		if err := s.post(ctx, a, &fresh, in.StationID); err != nil {
			return nil, err
		}
		if err := s.employ(ctx, a, &fresh, in.EmployerID); err != nil {
			return nil, err
		}
		return []string{w.ID}, s.rows.Insert(ctx, &fresh, usecase.Note(a, "worker.created", w.ID, ""))
	})
	return s.answer(ctx, a, ids, err)
}

// employ sets the employer; nil leaves it, "" empties it.
func (s *Service) employ(ctx context.Context, a access.Actor, w *SocialWorker, id *string) error {
	if id == nil || *id == "" {
		w.Employer = usecase.Or(id, w.Employer)
		return nil
	}
	o, err := s.organisations.Named(ctx, a, *id, "input", "employerId")
	if err == nil {
		w.Employer = o.ID
	}
	return err
}

// words are the plain fields of an input; nil leaves a field as it is.
type words struct {
	name, phone    *string
	fields, skills []string
	certificate    *CertificateInput
}

func (w *SocialWorker) fill(in words) (err error) {
	if in.name != nil {
		if w.Private.Name, err = usecase.Text(*in.name, maxName, true, "input", "name"); err != nil {
			return err
		}
	}
	if in.phone != nil {
		if w.Private.Phone, err = usecase.Text(*in.phone, maxPhone, false, "input", "phone"); err != nil {
			return err
		}
	}
	if in.fields != nil {
		if w.PracticeFields, err = usecase.ListOf(codes.PracticeField, in.fields, maxFields, "input", "practiceFields"); err != nil {
			return err
		}
	}
	if in.skills != nil {
		if w.Skills, err = usecase.ListOf(codes.Skill, in.skills, maxSkills, "input", "skills"); err != nil {
			return err
		}
	}
	return w.declare(in.certificate)
}

// declare takes a certificate as its holder tells it: it is to be checked again.
func (w *SocialWorker) declare(in *CertificateInput) error {
	if in == nil {
		return nil
	}
	if !slices.Contains(Levels, in.Level) {
		return fault.New(fault.CodeInvalid, fault.At("input", "certificate", "level"), fault.P("rule", "LEVEL"))
	}
	number, err := usecase.Text(in.Number, maxNumber, true, "input", "certificate", "number")
	if err != nil {
		return err
	}
	w.Private.Number, w.Certificate = number, Certificate{Level: in.Level, State: Declared}
	return nil
}

// answer reads what a use case left behind, as the caller sees it today.
func (s *Service) answer(ctx context.Context, a access.Actor, ids []string, err error) (*View, []usecase.Notice, error) {
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Get(ctx, a, ids[0])
	return v, nil, err
}
