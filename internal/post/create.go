package post

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	maxTitle  = 100
	maxDuties = 2000
	maxSkills = 20
	maxPlaces = 100
)

// Create is a new post.
type Create struct {
	StationID      string
	Kind           Kind
	Title          string
	Duties         *string
	Skills         []string
	WithMinors     bool
	Places         int
	IdempotencyKey *string `json:"-"`
}

// Create enters a post as a draft: an administrator of the station's place, or the
// station's own coordinator.
func (s *Service) Create(ctx context.Context, a access.Actor, in Create) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	if !slices.Contains(Kinds, in.Kind) {
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "kind"), fault.P("rule", "KIND"))
	}
	p := &Post{Head: store.Head{ID: s.core.DB.NewID(prefix)}, Kind: in.Kind, Skills: []string{}, Holders: []Holder{}}
	p.Header.Class, p.Header.State = access.Public, string(Draft)
	p.Header.Relate(access.PartyCreator, a.ID)
	notices, err := p.fill(words{&in.Title, in.Duties, in.Skills, &in.WithMinors, &in.Places})
	if err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, "post.create", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		fresh := *p // the unit may run again
		if err := s.place(ctx, a, &fresh, in.StationID); err != nil {
			return nil, err
		}
		return []string{p.ID}, s.rows.Insert(ctx, &fresh, usecase.Note(a, "post.created", p.ID, ""))
	})
	return s.answer(ctx, a, ids, notices, err)
}

// place puts the post at a station that works.
func (s *Service) place(ctx context.Context, a access.Actor, p *Post, id string) error {
	st, err := s.stations.Named(ctx, id, "input", "stationId")
	if err != nil {
		return err
	}
	if err := st.MayRun(a, "post.create"); err != nil {
		return err
	}
	p.Header.Station = st.ID
	p.Header.Place(division.Short(st.Code()))
	return nil
}

// words are the plain fields of an input; nil leaves a field as it is.
type words struct {
	title, duties *string
	skills        []string
	withMinors    *bool
	places        *int
}

func (p *Post) fill(in words) (notices []usecase.Notice, err error) {
	if in.title != nil {
		if p.Title, err = usecase.Text(*in.title, maxTitle, true, "input", "title"); err != nil {
			return nil, err
		}
	}
	if in.duties != nil {
		if p.Duties, notices, err = usecase.FreeText(*in.duties, maxDuties, false, "input", "duties"); err != nil {
			return nil, err
		}
	}
	if in.skills != nil {
		if p.Skills, err = usecase.ListOf(codes.Skill, in.skills, maxSkills, "input", "skills"); err != nil {
			return nil, err
		}
	}
	if in.withMinors != nil {
		p.WithMinors = *in.withMinors
	}
	if in.places != nil {
		if least := max(1, len(p.Holders)); *in.places < least || *in.places > maxPlaces {
			return nil, fault.New(fault.CodeOutOfRange, fault.At("input", "places"), fault.P("min", least), fault.P("max", maxPlaces))
		}
		p.Places = *in.places
		p.count()
	}
	return notices, nil
}

// answer reads what a use case left behind, as the caller sees it today.
func (s *Service) answer(ctx context.Context, a access.Actor, ids []string, notices []usecase.Notice, err error) (*View, []usecase.Notice, error) {
	if err != nil {
		return nil, nil, err
	}
	views, err := s.Views(ctx, a, ids)
	return views[ids[0]], notices, err // nil for who sees it no more
}
