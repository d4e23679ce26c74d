package station

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Change is a change of a station; nil leaves as it is, "" or an empty list empties.
type Change struct {
	StationID       string
	Name            *string
	CommunityIDs    []string
	OperatorID      *string
	Address         *string
	Phone           *string
	Host            *string
	ServiceFields   []string
	Location        *usecase.GeoPoint
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Change changes what is known of a station, or whom it serves. Its coordinator may
// do this except for the communities.
func (s *Service) Change(ctx context.Context, a access.Actor, in Change) (*View, []usecase.Notice, error) {
	return s.step(ctx, a, step{
		op: "station.change", id: in.StationID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, event: "station.changed",
		coordinator: in.CommunityIDs == nil,
		rule: func(ctx context.Context, st *Station) error {
			if st.State == Closed {
				return st.move("")
			}
			if err := st.fill(words{in.Name, in.Address, in.Phone, in.Host, in.ServiceFields, in.Location}); err != nil {
				return err
			}
			if err := s.operate(ctx, a, st, in.OperatorID); err != nil || in.CommunityIDs == nil {
				return err
			}
			return s.serve(ctx, st, in.CommunityIDs)
		},
	})
}

// Open puts a station into operation.
type Open struct {
	StationID       string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Open puts a station into operation: from now on it is responsible for what it
// serves.
func (s *Service) Open(ctx context.Context, a access.Actor, in Open) (*View, []usecase.Notice, error) {
	return s.step(ctx, a, step{
		op: "station.open", id: in.StationID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, event: "station.opened",
		rule: func(ctx context.Context, st *Station) error {
			if err := st.move(ActOpen); err != nil {
				return err
			}
			return s.free(ctx, st) // what it served may be another's since it was closed
		},
	})
}

// Close closes a station.
type Close struct {
	StationID       string
	Note            string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Close closes a station for good, if whoever has open work there lets it; everybody
// reads why.
func (s *Service) Close(ctx context.Context, a access.Actor, in Close) (*View, []usecase.Notice, error) {
	note, notices, err := usecase.FreeText(in.Note, maxNote, true, "input", "note")
	if err != nil {
		return nil, nil, err
	}
	v, _, err := s.step(ctx, a, step{
		op: "station.close", id: in.StationID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, event: "station.closed",
		rule: func(ctx context.Context, st *Station) error {
			if err := s.end(ctx, a, st); err != nil {
				return err
			}
			st.StepNote = note
			return st.move(ActClose)
		},
	})
	return v, notices, err
}

// end asks whoever has open work at a station that closes, and ends what it keeps.
func (s *Service) end(ctx context.Context, a access.Actor, st *Station) error {
	for _, closing := range s.closing {
		if err := closing(ctx, a, st); err != nil {
			return err
		}
	}
	return nil
}

// Rest closes a station that is being retired, its posts and teams with it, and says in
// which state it was.
func (s *Service) Rest(ctx context.Context, a access.Actor, st *Station) (string, error) {
	was := st.State
	if was == Closed {
		return string(was), nil
	}
	st.State = Closed
	return string(was), s.end(ctx, a, st)
}

// Wake brings a station back from retirement: one that worked has to be opened anew.
func (s *Service) Wake(st *Station, was string) {
	switch st.State = State(was); {
	case st.State != Operating && st.State != Rectifying:
	case st.AcceptedAt.IsZero():
		st.State = Planned
	default:
		st.State = Accepted
	}
}

// step is one change of a station.
type step struct {
	op, id, event string
	expected      int64
	key           *string
	input         any
	coordinator   bool // the station's coordinator may do it too
	rule          func(ctx context.Context, st *Station) error
}

// step runs the one order of every change: load, may, version, rule, save.
func (s *Service) step(ctx context.Context, a access.Actor, st step) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	if err := usecase.ID(st.id, prefix, "input", "stationId"); err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, st.op, usecase.Or(st.key, ""), st.input, func(ctx context.Context) ([]string, error) {
		row, err := s.rows.Get(ctx, st.id)
		if err != nil {
			return nil, err
		}
		if err := may(a, row, st.coordinator); err != nil {
			return nil, err
		}
		if err := s.rows.Expect(row, st.expected); err != nil {
			return nil, err
		}
		if err := st.rule(ctx, row); err != nil {
			return nil, err
		}
		return []string{row.ID}, s.rows.Replace(ctx, row, usecase.Note(a, st.event, row.ID, ""))
	})
	return s.answer(ctx, a, ids, err)
}

// MayRun refuses an action at the station to who neither coordinates this very
// station nor administers its place: FORBIDDEN, UNAUTHENTICATED.
func (s *Station) MayRun(a access.Actor, action access.Action) error {
	if err := a.MayAt(action, s.Code()); err != nil {
		return err
	}
	if a.Is(access.Coordinator, s.ID) { // not of a neighbour
		return nil
	}
	return a.MayAt("station.create", s.Code())
}

// may lets the administrator of the place, and for some changes the coordinator of
// this very station.
func may(a access.Actor, st *Station, coordinator bool) error {
	if coordinator {
		return st.MayRun(a, "station.change")
	}
	return a.MayAt("station.create", st.Code())
}
