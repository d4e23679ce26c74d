package station

import "github.com/fivesociety/linkage/internal/store"

// OperatedBy asks for the stations of an operator.
func OperatedBy(id string) store.Query {
	return store.Query{Where: store.Is("operator", id), Sort: "created"}
}

// Follow puts another operator in the place of one that was merged into it. It reports
// whether that one ran the station.
func (s *Station) Follow(from, into string) bool {
	if s.Operator != from || s.Retired != nil {
		return false
	}
	s.Operator = into
	return true
}
