package history

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/catalog"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Namer tells the names of accounts by id: display name and first role.
type Namer func(ctx context.Context, ids []string) (map[string]Name, error)

// Name is how an account is shown.
type Name struct {
	Display string
	Role    string
}

// Entry is one log entry as one reader may see it.
type Entry struct {
	Sequence int64
	At       time.Time
	Kind     string
	Version  int64
	Actor    Actor
	Reason   *codes.Code
	Changes  []Change
	Erased   bool
}

// Actor is whoever did it.
type Actor struct {
	Display    string
	Role       access.Role
	AccountID  *string
	OnBehalfOf *string
}

// Change is one field that changed.
type Change struct {
	Field         string
	Before, After *string
}

// Service reads histories.
type Service struct {
	core  *usecase.Core
	names Namer
	nouns catalog.Nouns
}

// New makes a service for the given nouns.
func New(core *usecase.Core, names Namer, nouns catalog.Nouns) *Service {
	return &Service{core: core, names: names, nouns: nouns}
}

// Of reads a page of an object's history, newest first. NOT_FOUND when the actor
// may not see the object, FORBIDDEN when the object but not its trail.
func (s *Service) Of(ctx context.Context, a access.Actor, id string, p usecase.Paging) (usecase.Page[Entry], error) {
	var none usecase.Page[Entry]
	sub, ok := s.nouns.OfID(id)
	if !ok {
		return none, fault.New(fault.CodeIDInvalid, fault.At("nodeId"), fault.P("want", "object"))
	}
	mask, beside, err := s.mask(ctx, a, sub, id)
	if err != nil {
		return none, err
	}
	if mask == access.Hidden {
		return none, fault.New(fault.CodeNotFound)
	}
	q, limit, err := s.query(a, sub, id, p)
	if err != nil {
		return none, err
	}
	mask = min(mask, beside)
	entries, err := s.told(ctx, q)
	if err != nil {
		return none, err
	}
	return s.page(ctx, a, sub, entries, limit, q.Desc, p, mask)
}

// told reads the entries of a query that tell a reader anything.
func (s *Service) told(ctx context.Context, q store.LogQuery) ([]*store.Entry, error) {
	var out []*store.Entry
	def, want := s.core.DB.Definition(q.Noun), q.Limit
	for {
		entries, err := s.core.DB.Log(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if len(out) < want && !access.Silent(def, e) {
				out = append(out, e)
			}
		}
		if len(out) == want || len(entries) < q.Limit {
			return out, nil
		}
		if last := entries[len(entries)-1].Seq; !q.Desc {
			q.After = last
		} else if q.Until = last - 1; q.Until == 0 {
			return out, nil
		}
	}
}

// mask is what the actor sees of the object as it is now, and of what it is a part of: the
// log tells where that lies and for whom it is. An auditor reads the trail of what lies in
// the area, though no rows.
func (s *Service) mask(ctx context.Context, a access.Actor, sub catalog.Noun, id string) (mask, beside access.Mask, err error) {
	v, err := s.core.DB.Peek(ctx, sub.Name, id)
	if err != nil || v == nil {
		return access.Hidden, access.Hidden, err
	}
	if sub.Access == nil { // public facts; who entered them is told by role only
		return access.Limited, access.Limited, nil
	}
	sight := access.See(a, *sub.Access)
	standing := sight.Upon(v)
	mask = standing.Mask
	if mask != access.Hidden && mask < sub.Least { // shown at all only to whom the noun shows it
		shown, err := sub.Views(ctx, a, []string{id})
		if err != nil {
			return mask, mask, err
		}
		if len(shown) == 0 {
			mask = access.Hidden
		}
	}
	denied := sub.Trail && mask != access.Hidden && standing.May("history.read") != nil
	switch {
	case (denied || mask == access.Hidden) && access.Audits(a, v):
		return access.Blind, access.Blind, nil
	case denied:
		return access.Hidden, access.Hidden, fault.New(fault.CodeForbidden)
	}
	return mask, max(access.Blind, sight.Beside(v)), nil
}

// query is the log query of a page: one more than asked, to know whether it goes on.
func (s *Service) query(a access.Actor, sub catalog.Noun, id string, p usecase.Paging) (store.LogQuery, int, error) {
	limit := usecase.DefaultPage
	q := store.LogQuery{Noun: sub.Name, ID: id, Desc: p.Last == nil}
	if n := cmpOr(p.First, p.Last); n != nil {
		limit = *n
	}
	if limit < 1 || limit > usecase.MaxPage || (p.First != nil && p.Last != nil) {
		return q, 0, fault.New(fault.CodePageInvalid, fault.At("first"), fault.P("max", usecase.MaxPage))
	}
	if p.After != nil {
		seq, err := s.open(a, id, *p.After, "after")
		if err != nil {
			return q, 0, err
		}
		if q.Until = seq - 1; q.Until == 0 { // 0 would mean no bound
			q.After = math.MaxInt64
		}
	}
	if p.Before != nil {
		seq, err := s.open(a, id, *p.Before, "before")
		if err != nil {
			return q, 0, err
		}
		q.After = seq
	}
	q.Limit = limit + 1
	return q, limit, nil
}

func cmpOr(a, b *int) *int {
	if a != nil {
		return a
	}
	return b
}

func purpose(a access.Actor, id string) string { return "history:" + id + ":" + a.ID }

func (s *Service) open(a access.Actor, id, cursor, arg string) (int64, error) {
	raw, err := s.core.Box.Open(purpose(a, id), cursor)
	if err != nil {
		return 0, fault.New(fault.CodeCursorInvalid, fault.At(arg))
	}
	seq, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return 0, fault.New(fault.CodeCursorInvalid, fault.At(arg))
	}
	return seq, nil
}

func (s *Service) page(ctx context.Context, a access.Actor, sub catalog.Noun, entries []*store.Entry, limit int, desc bool, p usecase.Paging, mask access.Mask) (usecase.Page[Entry], error) {
	var out usecase.Page[Entry]
	more := len(entries) > limit
	if more {
		entries = entries[:limit]
	}
	if !desc {
		slices.Reverse(entries)
	}
	out.HasNext, out.HasPrev = more, p.After != nil
	if !desc {
		out.HasNext, out.HasPrev = p.Before != nil, more
	}
	names, err := s.named(ctx, entries)
	if err != nil {
		return out, err
	}
	def := s.core.DB.Definition(sub.Name)
	for _, e := range entries {
		out.Rows = append(out.Rows, entry(def, e, names, mask))
		out.Cursors = append(out.Cursors, s.core.Box.Seal(purpose(a, e.ID), []byte(strconv.FormatInt(e.Seq, 10))))
	}
	if n := len(out.Cursors); n > 0 {
		out.Start, out.End = &out.Cursors[0], &out.Cursors[n-1]
	}
	return out, nil
}

func (s *Service) named(ctx context.Context, entries []*store.Entry) (map[string]Name, error) {
	var ids []string
	for _, e := range entries {
		if strings.HasPrefix(e.Actor, "acc_") && !slices.Contains(ids, e.Actor) {
			ids = append(ids, e.Actor)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return s.names(ctx, ids)
}

func entry(d *store.Definition, e *store.Entry, names map[string]Name, mask access.Mask) Entry {
	out := Entry{
		Sequence: e.Seq, At: e.At, Kind: e.Kind, Version: e.Version, Erased: e.Erased(),
		Actor: Actor{Display: "SYSTEM", Role: "SYSTEM"}, Changes: changes(d, e, mask),
	}
	told := mask >= access.Limited || strings.HasPrefix(e.Kind, "claim.") // a claim tells its reason to all who see it
	if list := ReasonList(e.Kind); told && codes.Known(list, e.Reason) {  // older entries may hold a note there
		out.Reason = codes.Of(list, e.Reason)
	}
	name := names[e.Actor]
	switch {
	case e.Actor == "link":
		out.Actor = Actor{Display: "LINK", Role: "LINK"}
	case name.Role == "":
	case mask >= access.Full:
		out.Actor = Actor{Display: name.Display, Role: access.Role(name.Role), AccountID: &e.Actor}
	default: // the person is hidden, the role is not
		out.Actor = Actor{Display: name.Role, Role: access.Role(name.Role)}
	}
	if e.OnBehalf != "" && mask >= access.Full {
		out.Actor.OnBehalfOf = &e.OnBehalf
	}
	return out
}

// reasonLists say from which code list an entry's reason is, by the entry's kind;
// what is not named here is a reason of release.
var reasonLists = map[string]codes.List{
	"request.declined":          codes.DeclineReason,
	"request.decline.proposed":  codes.DeclineReason,
	"request.held":              codes.HoldReason,
	"request.cancelled":         codes.CancelReason,
	"request.arranged":          codes.PartialReason,
	"request.reopened":          codes.ReopenReason,
	"request.appealed":          codes.AppealReason,
	"request.appeal.settled":    codes.AppealRefusal,
	"request.referred":          codes.ReferralReason,
	"request.referral.declined": codes.DeclineReason,
	"request.disputed":          codes.DisputeReason,
	"request.confirmed":         codes.WitnessReason,
	"request.line.short":        codes.MatchDeclineReason,
	"claim.declined":            codes.MatchDeclineReason,
	"proposal.declined":         codes.MatchDeclineReason,
	"proposal.expired":          codes.MatchDeclineReason,
	"assignment.expired":        codes.MatchDeclineReason,
	"assignment.declined":       codes.MatchDeclineReason,
	"allocation.returned":       codes.ReturnReason,
	"allocation.lost":           codes.LossReason,
	"allocation.delivered":      codes.LossReason, // of a part
	"volunteer.suspended":       codes.SanctionReason,
	"organisation.suspended":    codes.SanctionReason,
	"organisation.barred":       codes.SanctionReason,
	"account.disabled":          codes.SanctionReason,
	"account.revoked":           codes.SanctionReason,
	"recipient.erased":          codes.ErasureReason,
	"session.ended":             codes.SessionReason,
}

// ReasonList is the code list of the reasons that entries of a kind have.
func ReasonList(kind string) codes.List {
	if list, ok := reasonLists[kind]; ok {
		return list
	}
	if strings.HasSuffix(kind, ".retired") {
		return codes.RetireReason
	}
	return codes.ReleaseReason
}

// changes are the routing fields that differ and that the mask shows.
func changes(d *store.Definition, e *store.Entry, mask access.Mask) []Change {
	out := []Change{}
	for i, f := range d.Fields {
		if !f.Route || f.Mask > mask {
			continue
		}
		before, after := printed(e.Before, i), printed(e.After, i)
		if (before == nil) != (after == nil) || (before != nil && *before != *after) {
			out = append(out, Change{Field: f.Name, Before: before, After: after})
		}
	}
	return out
}

func printed(v store.Values, i int) *string {
	if v == nil {
		return nil
	}
	s := fmt.Sprint(v[i])
	if list, ok := v[i].([]string); ok {
		s = strings.Join(list, ", ")
	}
	if s == "" || s == "0" {
		return nil
	}
	return &s
}
