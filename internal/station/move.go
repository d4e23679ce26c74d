package station

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
)

// Move puts a station into another division of its level. What it serves stays, so that it
// moves inside its county, or serves nothing yet; one of a community serves the new one.
func (s *Service) Move(ctx context.Context, st *Station, divisionID string) error {
	d, err := s.divisions.Resolve(ctx, divisionID)
	if err != nil {
		return err
	}
	if st.Level != levelAt(d.Code) {
		return fault.New(fault.CodeInvalid, fault.P("rule", "LEVEL_OF_DIVISION"))
	}
	if st.Level == Community {
		if err := s.servable(ctx, st, d.Code); err != nil {
			return err
		}
		st.Serves = append(slices.DeleteFunc(slices.Clone(st.Serves), func(c string) bool { return c == st.Code() }), d.Code)
		slices.Sort(st.Serves)
		st.Serves = slices.Compact(st.Serves)
	}
	st.Division = d.ID
	for _, code := range st.Serves {
		if !division.Within(code, st.region()) {
			return fault.New(fault.CodeInvalid, fault.P("rule", "COMMUNITY_OF_COUNTY"))
		}
	}
	return s.free(ctx, st)
}
