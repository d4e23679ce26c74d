package matching

import (
	"context"
	"fmt"

	"github.com/fivesociety/linkage/internal/request"
)

// record is how often what somebody delivered was confirmed, and how often it was not: of
// everybody's requests, the same for whoever asks.
type record request.Outcomes

// rate is the share that was confirmed, as if one more had been and one more had not: so a
// single word counts for little, and of two whose share is the same the one of whom more is
// known is further from a half.
func (r record) rate() float64 {
	return float64(1+r.Confirmed) / float64(2+r.Confirmed+r.Unconfirmed)
}

// said is what the rate rests on, "" for nothing.
func (r record) said() string {
	if all := r.Confirmed + r.Unconfirmed; all > 0 {
		return fmt.Sprint(r.Confirmed, " ", all)
	}
	return ""
}

// records are those that were read, each once for a question.
type records map[string]record

// learn reads the records of who is not among them yet.
func (s *Service) learn(ctx context.Context, known records, who []string) error {
	var ids []string
	for _, id := range who {
		if _, ok := known[id]; !ok {
			known[id] = record{}
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	read, err := s.requests.Outcomes(ctx, ids)
	for id, o := range read {
		known[id] = record(o)
	}
	return err
}

// recorded fills in the records of the owners of offers.
func (s *Service) recorded(ctx context.Context, known records, offers []offer) error {
	ids := make([]string, len(offers))
	for i, o := range offers {
		ids[i] = o.resource.Owner
	}
	err := s.learn(ctx, known, ids)
	for i := range offers {
		offers[i].record = known[ids[i]]
	}
	return err
}
