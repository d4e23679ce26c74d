package request

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Need is an open need line with its request: what partners and volunteers look for.
// Both are masked for the reader as the request is.
type Need struct {
	ServiceRequest View
	NeedLine       LineView
}

// NeedsInput says which open needs. Nil Kinds and DivisionIDs restrict nothing.
type NeedsInput struct {
	Kinds       []Kind
	DivisionIDs []string
}

// Where is the reader's condition on requests, as closely as their places are known; coarse is
// the same, no closer than each reader of a request is shown its area, nil where that makes no
// difference. Errors as of division.InsideAny.
func (in NeedsInput) Where() (where store.Filter, coarse *store.Filter, err error) {
	matching := store.Is("state", string(Matching))
	inside, err := division.InsideAny(in.DivisionIDs, "divisionIds")
	if err != nil || len(in.DivisionIDs) == 0 {
		return store.Both(matching, inside), nil, err
	}
	var shown []store.Filter
	for _, id := range in.DivisionIDs {
		code := division.CodeOf(id)
		switch division.LevelOf(code) {
		case division.LevelCommunity:
		case division.LevelTown:
			shown = append(shown, store.Both(division.Inside(code), store.AnyOf("class", townShown...)))
		default:
			shown = append(shown, division.Inside(code))
		}
	}
	rough := store.Both(matching, store.Either(shown...))
	return store.Both(matching, inside), &rough, nil
}

func (in NeedsInput) wants(k Kind) bool { return len(in.Kinds) == 0 || slices.Contains(in.Kinds, k) }

// Needs is a page of open needs. Cursor is where it ends, nil when nothing was looked at.
type Needs struct {
	Needs   []Need
	Cursor  *string
	HasMore bool
}

// opened are the places of the lines that still miss something, of a request in matching.
func (r *Request) opened(in NeedsInput, now time.Time) (at []int) {
	if r.State() != Matching {
		return nil
	}
	for i := range r.Lines {
		if l := &r.Lines[i]; in.wants(l.Kind) && l.Missing(now) > 0 {
			at = append(at, i)
		}
	}
	return at
}

// needPos is a place among the open needs: a line of a request. Lines keep their places.
type needPos struct {
	Created int64  `json:"c"`
	ID      string `json:"d"`
	Line    int    `json:"l"`
}

// openNeed is a line that a page shows.
type openNeed struct {
	row *Request
	pos needPos
}

// OpenNeeds reads the need lines that still miss something, of requests in matching that
// the actor may see; those of the oldest request first. PAGE_INVALID for first beyond 1 to 100,
// CURSOR_INVALID for a cursor of another question or reader.
func (s *Service) OpenNeeds(ctx context.Context, a access.Actor, in NeedsInput, first *int, after *string) (*Needs, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	where, coarse, err := in.Where()
	if err != nil {
		return nil, err
	}
	n := usecase.Or(first, usecase.DefaultPage)
	if n < 1 || n > usecase.MaxPage {
		return nil, fault.New(fault.CodePageInvalid, fault.At("first"), fault.P("max", usecase.MaxPage))
	}
	purpose := fmt.Sprintf("needs:%s:%s", usecase.Asked("openNeeds", in), a.ID)
	from, err := s.needAfter(purpose, after)
	if err != nil {
		return nil, err
	}
	sight := s.Sight(a)
	rule := sight.Where(access.Blind)
	if coarse != nil { // the state and a place stand outside of the choice, for an index to serve them
		rule = store.Either(sight.Where(access.Limited), store.Both(rule, *coarse))
	}
	q := store.Query{Where: store.Both(where, rule), Sort: "created", Limit: usecase.MaxPage}
	found, last, more, err := s.walkNeeds(ctx, q, in, from, n)
	if err != nil {
		return nil, err
	}
	out := &Needs{HasMore: more}
	if last != nil {
		raw, err := json.Marshal(last)
		if err != nil {
			return nil, fmt.Errorf("seal cursor: %w", err)
		}
		cursor := s.core.Box.Seal(purpose, raw)
		out.Cursor = &cursor
	}
	out.Needs, err = s.needs(ctx, a, found)
	return out, err
}

func (s *Service) needAfter(purpose string, after *string) (*needPos, error) {
	if after == nil {
		return nil, nil
	}
	raw, err := s.core.Box.Open(purpose, *after)
	pos := &needPos{}
	if err == nil {
		err = json.Unmarshal(raw, pos)
	}
	if err != nil {
		return nil, fault.New(fault.CodeCursorInvalid, fault.At("after"))
	}
	return pos, nil
}

// walkNeeds looks for n open needs behind a place: what was left of the request there, then
// the requests behind it. It tells how far it has looked, and whether there may be more.
func (s *Service) walkNeeds(ctx context.Context, q store.Query, in NeedsInput, from *needPos, n int) (found []openNeed, last *needPos, more bool, err error) {
	now := s.core.Time()
	// add reports whether the page is full.
	add := func(r *Request, behind int) bool {
		for _, i := range r.opened(in, now) {
			if i <= behind {
				continue
			}
			if len(found) == n {
				return true
			}
			found = append(found, openNeed{r, needPos{r.CreatedAt.UnixMilli(), r.ID, i}})
			last = &found[len(found)-1].pos
		}
		return false
	}
	if from != nil {
		last, q.After = from, &store.Pos{Key: from.Created, ID: from.ID}
		rows, err := s.rows.GetMany(ctx, []string{from.ID})
		if err != nil {
			return nil, nil, false, err
		}
		if r := rows[from.ID]; r != nil && add(r, from.Line) {
			return found, last, true, nil
		}
	}
	page, err := s.rows.Find(ctx, q, func(r *Request) bool { return len(r.opened(in, now)) > 0 })
	if err != nil {
		return nil, nil, false, err
	}
	for _, r := range page.Items {
		if add(r, -1) {
			return found, last, true, nil
		}
	}
	if page.HasNext && page.Last != nil { // a walk of rows that had nothing counts too
		created, _ := page.Last.Key.(int64)
		last = &needPos{created, page.Last.ID, maxLines}
	}
	return found, last, page.HasNext, nil
}

// needs masks what a page shows; what the reader may not see is left out.
func (s *Service) needs(ctx context.Context, a access.Actor, found []openNeed) ([]Need, error) {
	var rows []*Request
	for _, f := range found {
		if len(rows) == 0 || rows[len(rows)-1] != f.row {
			rows = append(rows, f.row)
		}
	}
	views, err := s.views(ctx, a, rows)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]*View, len(views))
	for _, v := range views {
		byID[v.ID] = v
	}
	out := make([]Need, 0, len(found))
	for _, f := range found {
		if v := byID[f.row.ID]; v != nil {
			out = append(out, Need{*v, v.NeedLines[f.pos.Line]})
		}
	}
	return out, nil
}

// openLines is what the log says of a request's open needs, so that the feed can tell of each
// line whether it opened, changed or closed: its id and kind, and a sum of what is shown of
// it; of its words how often they have changed: the log outlives their erasure here. What is
// held counts until the hold is released.
func (r *Request) openLines() string {
	var b strings.Builder
	for _, i := range r.opened(NeedsInput{}, time.Time{}) {
		l := &r.Lines[i]
		sum := fnv.New64a()
		fmt.Fprint(sum, l.Need, l.Missing(time.Time{}), l.Claimed(time.Time{}), l.WindowOr(r), l.Category, l.Skills, r.Category, r.Urgency, r.Constraints, r.Header.Class, r.Wording)
		b.WriteString(l.ID + " " + string(l.Kind) + " " + strconv.FormatUint(sum.Sum64(), 36) + "\n")
	}
	return b.String()
}

// PartsName is the same for all inputs for which OpenParts reads the same.
func (in NeedsInput) PartsName() string {
	kinds := slices.Clone(in.Kinds)
	slices.Sort(kinds)
	return fmt.Sprint("open lines of ", slices.Compact(kinds))
}

// OpenParts reads from a request's values in the log the open needs that are asked for: by
// line, what tells one state of it from another.
func (s *Service) OpenParts(in NeedsInput) func(store.Values) map[string]string {
	at := s.rows.Definition().Position("openLines")
	return func(v store.Values) map[string]string {
		lines, _ := v[at].(string)
		out := map[string]string{}
		for line := range strings.Lines(lines) {
			if f := strings.Fields(line); len(f) == 3 && in.wants(Kind(f[1])) {
				out[f[0]] = f[2]
			}
		}
		return out
	}
}
