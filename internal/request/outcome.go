package request

import (
	"context"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/access"
)

// Outcomes are how recipients' sides have answered for what a volunteer or an
// organisation delivered, in requests: those that stand confirmed, and those that are
// disputed or were not answered within the time for it.
type Outcomes struct{ Confirmed, Unconfirmed int64 }

// outcome is the word of a request under which those who served it are counted, "" for
// none: nothing was delivered, there is still time to answer, or the request is guarded, for
// a number beside a name would tell of it.
func (r *Request) outcome() string {
	switch {
	case r.Guarded():
		return ""
	case r.Confirmed != nil:
		return "confirmed"
	case r.State() == Delivered && (r.Disputed || r.Reminded):
		return "unconfirmed"
	}
	return ""
}

// outcomes are the counters of those who served: kept with the row, so that what is
// disputed, settled or opened again is counted back by the same commit.
func (r *Request) outcomes() (out []string) {
	word := r.outcome()
	if word == "" {
		return nil
	}
	for _, entry := range r.Header.Parties {
		p, id, _ := strings.Cut(entry, ":")
		if served := p == string(access.PartyHelp) || p == string(access.PartySupply) || p == string(access.PartyServed); !served {
			continue
		}
		if name := outcomeName(word, id); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func outcomeName(word, id string) string { return "request:" + word + ":" + id }

// Outcomes reads those of volunteers and organisations. They are a score's concern, no
// decision rests on them: a unit of work does not assert them.
func (s *Service) Outcomes(ctx context.Context, ids []string) (map[string]Outcomes, error) {
	names := make([]string, 0, 2*len(ids))
	for _, id := range ids {
		names = append(names, outcomeName("confirmed", id), outcomeName("unconfirmed", id))
	}
	n, err := s.core.DB.Tally(ctx, names...)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Outcomes, len(ids))
	for _, id := range ids {
		// What was confirmed before it was counted takes away what it never added.
		out[id] = Outcomes{max(0, n[outcomeName("confirmed", id)]), max(0, n[outcomeName("unconfirmed", id)])}
	}
	return out, nil
}
