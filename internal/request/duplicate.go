package request

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	duplicateWindow = 30 * day // how far back likely duplicates are looked for
	nearTime        = day      // windows no further apart are near; of needs without one, the times they came
	likely          = 45       // the score from which a need is shown as a likely duplicate
	maxDuplicates   = 20       // shown; the likeliest first
	maxAlike        = 50       // looked at, the newest, for each way to find them
)

// likenesses is the one table of reasons why two needs may be the same. Needs of one
// category or in much the same words make a likely duplicate with the person, or, where a
// person is not known, with two things more.
var likenesses = []struct {
	reason string // code of DUPLICATE_REASON
	points int
	least  access.Mask // of both requests, that shows as much
	holds  func(p *pair) bool
}{
	{"SAME_RECIPIENT", 40, access.Full, (*pair).samePerson},
	{"SAME_CONTACT", 30, access.Full, func(p *pair) bool { return p.contact }},
	{"SAME_CATEGORY", 15, access.Limited, func(p *pair) bool { return p.x.Category == p.y.Category }},
	{"SAME_PLACE", 15, access.Contact, (*pair).samePlace},
	{"NEAR_TIME", 15, access.Limited, (*pair).near},
	{"SAME_WORDS", 15, access.Limited, (*pair).sameWords},
}

// pair is two requests that are compared.
type pair struct {
	x, y    *Request
	contact bool // two persons with one contact, and the reader is of the desk that keeps it
}

// persons reports whether it is known of both for whom they are.
func (p *pair) persons() bool { return p.x.Header.Subject != "" && p.y.Header.Subject != "" }

func (p *pair) samePerson() bool { return p.persons() && p.x.Header.Subject == p.y.Header.Subject }

func (p *pair) samePlace() bool {
	at := func(r *Request) string { return text.Fold(strings.Join(strings.Fields(r.Private.Address), "")) }
	return p.x.Place == p.y.Place && p.x.Private.Address != "" && at(p.x) == at(p.y)
}

// near compares when the needs are wanted, or, where one has no window, when they came.
func (p *pair) near() bool {
	x, y := p.x.Window, p.y.Window
	if x == nil || y == nil {
		return p.x.CreatedAt.Sub(p.y.CreatedAt).Abs() <= nearTime
	}
	return !x.From.After(y.To.Add(nearTime)) && !y.From.After(x.To.Add(nearTime))
}

// sameWords: at least half of the terms of both titles are common to them.
func (p *pair) sameWords() bool {
	x, y := text.Terms(p.x.Private.Title), text.Terms(p.y.Private.Title)
	common := 0
	for _, term := range x {
		if _, ok := slices.BinarySearch(y, term); ok {
			common++
		}
	}
	return common > 0 && 3*common >= len(x)+len(y)
}

// Duplicate is a need that may be the same as another.
type Duplicate struct {
	ServiceRequest *View
	Score          int // 0 to 100
	Reasons        []codes.Code
}

// weigh says how likely the two are the same need, for a reader who sees both with at
// least the mask: from what they may see alone. Needs of two categories in different words
// are two needs, whoever has them: a household in need has many. Of two needs of persons, whose being one
// or two is told to who sees both in full, only the same person's, the same contact's or
// the same household's can be the same; without one person or contact, those of one category
// in one community.
func (p *pair) weigh(mask access.Mask) (d Duplicate) {
	d.Reasons = []codes.Code{}
	one := p.samePerson() || p.contact
	if p.x.Category != p.y.Category && !p.sameWords() {
		return d
	}
	if p.persons() && (mask < access.Full || !one && !p.samePlace()) || !one && p.x.sort() != p.y.sort() {
		return d
	}
	for _, l := range likenesses {
		if mask >= l.least && l.holds(p) {
			d.Score += l.points
			d.Reasons = append(d.Reasons, codes.Code{List: codes.DuplicateReason, ID: l.reason})
		}
	}
	return d
}

// Duplicates are the open needs that may be the same as one, the likeliest first, then
// the newest; for who coordinates the request, and only those they may see.
func (s *Service) Duplicates(ctx context.Context, a access.Actor, id string) ([]Duplicate, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(id, "req", "serviceRequestId"); err != nil {
		return nil, err
	}
	r, err := s.rows.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := r.may(s.Sight(a).On(&r.Header), StepMerge); err != nil {
		return nil, err
	}
	return s.duplicates(ctx, a, r)
}

func (s *Service) duplicates(ctx context.Context, a access.Actor, r *Request) ([]Duplicate, error) {
	found, sharing, err := s.candidates(ctx, r)
	if err != nil {
		return nil, err
	}
	const desk = 1<<access.ToStation | 1<<access.ToProtected | 1<<access.ToSystem
	sight := s.Sight(a)
	own := sight.On(&r.Header)
	var rows []*Request
	hints := map[string]Duplicate{}
	for _, o := range found {
		at := sight.On(&o.Header)
		p := pair{r, o, own.Relations&desk != 0 && at.Relations&desk != 0 && slices.Contains(sharing, o.Header.Subject)}
		if d := p.weigh(min(own.Mask, at.Mask)); d.Score >= likely {
			rows, hints[o.ID] = append(rows, o), d
		}
	}
	slices.SortFunc(rows, func(x, y *Request) int {
		return cmp.Or(cmp.Compare(hints[y.ID].Score, hints[x.ID].Score), y.CreatedAt.Compare(x.CreatedAt), strings.Compare(x.ID, y.ID))
	})
	views, err := s.views(ctx, a, rows[:min(len(rows), maxDuplicates)])
	out := make([]Duplicate, len(views))
	for i, v := range views {
		out[i] = hints[v.ID]
		out[i].ServiceRequest = v
	}
	return out, err
}

// candidates are the open requests of the last 30 days that may be the same need: of the
// recipient, of the persons with the same contact, who are answered too, and of the same
// category in the community. Each way is an index.
func (s *Service) candidates(ctx context.Context, r *Request) (out []*Request, sharing []string, err error) {
	ways := []store.Filter{}
	if r.Header.Subject != "" {
		if sharing, err = s.nouns.Recipients.Sharing(ctx, r.Header.Subject); err != nil {
			return nil, nil, err
		}
		for _, id := range append([]string{r.Header.Subject}, sharing...) {
			ways = append(ways, store.Both(store.Is("subject", id), store.Is("open", true)))
		}
	}
	ways = append(ways, store.Is("kin", r.sort()))
	since := store.AtLeast("created", s.core.Time().Add(-duplicateWindow))
	seen := map[string]bool{r.ID: true}
	for _, way := range ways {
		page, err := s.rows.Find(ctx, store.Query{Where: store.Both(way, since), Sort: "created", Desc: true, Limit: maxAlike})
		if err != nil {
			return nil, nil, err
		}
		for _, o := range page.Items {
			if !seen[o.ID] && o.State() != Draft {
				seen[o.ID], out = true, append(out, o)
			}
		}
	}
	return out, sharing, nil
}

// sort is what needs of one category in one community have in common.
func (r *Request) sort() string { return r.Place + ":" + r.Category }

// kin is the sort of an open request; "" of others.
func (r *Request) kin() string {
	if st := r.State(); st == Draft || !st.Open() {
		return ""
	}
	return r.sort()
}
