package station

import (
	"context"
	"slices"
	"strconv"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	maxName    = 128
	maxAddress = 200
	maxPhone   = 32
	maxServes  = 200
	maxNote    = 500
)

// Create is a new station.
type Create struct {
	Name           string
	Kind           Kind
	Level          Level
	DivisionID     string
	CommunityIDs   []string
	OperatorID     *string
	Address        *string
	Phone          *string
	Host           *string
	ServiceFields  []string
	Location       *usecase.GeoPoint
	IdempotencyKey *string `json:"-"`
}

// Create plans a station. INVALID when its level is not that of its division;
// DUPLICATE when another station of the kind lists one of the communities.
func (s *Service) Create(ctx context.Context, a access.Actor, in Create) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	st := &Station{Head: store.Head{ID: s.core.DB.NewID(prefix)}, Kind: in.Kind, Level: in.Level, State: Planned, Serves: []string{}}
	if !slices.Contains(Kinds, in.Kind) {
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "kind"), fault.P("rule", "KIND"))
	}
	if err := st.fill(words{&in.Name, in.Address, in.Phone, in.Host, in.ServiceFields, in.Location}); err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, "station.create", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		fresh := *st // the unit may run again
		return []string{st.ID}, s.create(ctx, a, &fresh, in)
	})
	return s.answer(ctx, a, ids, err)
}

func (s *Service) create(ctx context.Context, a access.Actor, st *Station, in Create) error {
	d, err := s.divisions.Resolve(ctx, in.DivisionID, "input", "divisionId")
	if err != nil {
		return err
	}
	if err := a.MayAt("station.create", d.Code); err != nil {
		return err
	}
	st.Division = d.ID
	if st.Level != levelAt(d.Code) {
		return fault.New(fault.CodeInvalid, fault.At("input", "level"), fault.P("rule", "LEVEL_OF_DIVISION"))
	}
	if err := s.operate(ctx, a, st, in.OperatorID); err != nil {
		return err
	}
	if err := s.serve(ctx, st, in.CommunityIDs); err != nil {
		return err
	}
	return s.rows.Insert(ctx, st, usecase.Note(a, "station.created", st.ID, ""))
}

func levelAt(code string) Level {
	switch division.LevelOf(code) { //nolint:exhaustive // no station stands at the others
	case division.LevelCounty:
		return County
	case division.LevelTown:
		return Street
	case division.LevelCommunity:
		return Community
	}
	return ""
}

// words are the plain fields of an input; nil leaves a field as it is.
type words struct {
	name, address, phone, host *string
	fields                     []string
	location                   *usecase.GeoPoint
}

func (s *Station) fill(in words) (err error) {
	if in.name != nil {
		if s.Name, err = usecase.Text(*in.name, maxName, true, "input", "name"); err != nil {
			return err
		}
	}
	if in.address != nil {
		if s.Address, err = usecase.Text(*in.address, maxAddress, false, "input", "address"); err != nil {
			return err
		}
	}
	if in.phone != nil {
		if s.Phone, err = usecase.Text(*in.phone, maxPhone, false, "input", "phone"); err != nil {
			return err
		}
	}
	if in.host != nil {
		if s.Host, err = usecase.Text(*in.host, maxName, false, "input", "host"); err != nil {
			return err
		}
	}
	if in.fields != nil {
		for i, f := range in.fields {
			if err := usecase.InList(codes.ServiceField, f, "input", "serviceFields", strconv.Itoa(i)); err != nil {
				return err
			}
		}
		s.Fields = slices.Compact(slices.Sorted(slices.Values(in.fields)))
	}
	if in.location != nil {
		s.Location, err = in.location.Point("input", "location")
	}
	return err
}

// operate sets who runs the station; nil leaves it, "" empties it.
func (s *Service) operate(ctx context.Context, a access.Actor, st *Station, id *string) error {
	if id == nil || *id == "" {
		st.Operator = usecase.Or(id, st.Operator)
		return nil
	}
	o, err := s.organisations.Named(ctx, a, *id, "input", "operatorId")
	if err == nil {
		st.Operator = o.ID
	}
	return err
}

// serve sets the communities listed. A station of a community always lists its own.
func (s *Service) serve(ctx context.Context, st *Station, ids []string) error {
	if st.Level == Community {
		ids = append(slices.Clone(ids), "com_"+st.Code())
	}
	if len(ids) > maxServes {
		return fault.New(fault.CodeTooMany, fault.At("input", "communityIds"), fault.P("max", maxServes))
	}
	codes := make([]string, len(ids))
	for i, id := range ids {
		at := []string{"input", "communityIds", strconv.Itoa(i)}
		if err := usecase.ID(id, "com", at...); err != nil {
			return err
		}
		d, err := s.divisions.Resolve(ctx, "div_"+id[len("com_"):], at...)
		if err != nil {
			return err
		}
		if division.LevelOf(d.Code) != division.LevelCommunity || !division.Within(d.Code, st.region()) {
			return fault.New(fault.CodeInvalid, fault.At(at...), fault.P("rule", "COMMUNITY_OF_COUNTY"))
		}
		codes[i] = d.Code
		if err := s.servable(ctx, st, d.Code); err != nil {
			return fault.Under(err, at...)
		}
	}
	slices.Sort(codes)
	st.Serves = slices.Compact(codes)
	return s.free(ctx, st)
}

// servable asks whether a station may begin to serve a community; what it serves already
// it goes on to.
func (s *Service) servable(ctx context.Context, st *Station, code string) error {
	if slices.Contains(st.Serves, code) {
		return nil
	}
	for _, fn := range s.serving {
		if err := fn(ctx, code); err != nil {
			return err
		}
	}
	return nil
}

// free refuses communities that another standing station of the kind lists.
func (s *Service) free(ctx context.Context, st *Station) error {
	for _, code := range st.Serves {
		page, err := s.rows.Find(ctx, store.Query{Where: store.Both(store.Holds("serves", code), store.Is("kind", st.Kind)), Guard: guard(st.Kind), Limit: 100})
		if err != nil {
			return err
		}
		for _, other := range page.Items {
			if other.ID != st.ID && other.State != Closed {
				return fault.New(fault.CodeDuplicate, fault.At("input", "communityIds"), fault.P("field", "com_"+code))
			}
		}
	}
	return nil
}

// answer reads what a use case left behind.
func (s *Service) answer(ctx context.Context, a access.Actor, ids []string, err error) (*View, []usecase.Notice, error) {
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Get(ctx, a, ids[0])
	return v, nil, err
}
