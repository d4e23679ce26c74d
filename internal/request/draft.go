package request

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Limits of one request.
const (
	maxLines = 20
	maxCodes = 20
)

// LineInput is a need line to write.
type LineInput struct {
	Kind     Kind
	Category *string
	Title    *string
	Quantity measure.Quantity
	Window   *measure.Window
	Skills   []string
}

// DraftInput is a need to write down.
type DraftInput struct {
	RecipientID    *string
	CommunityID    *string
	Category       string
	Title          string
	Description    *string
	Urgency        Urgency
	Window         *measure.Window
	Constraints    []string
	Channel        *string
	Address        *string
	NeedLines      []LineInput
	Recurrence     *RecurrenceInput
	IdempotencyKey *string `json:"-"`
}

// Draft writes a need down. Any signed-in account may, for a recipient that it may
// see or for a community's own need. A draft is not logged: it is not yet a request.
func (s *Service) Draft(ctx context.Context, a access.Actor, in DraftInput) (*View, []usecase.Notice, error) {
	if err := a.MayAt("request.draft", ""); err != nil {
		return nil, nil, err
	}
	r, notices, err := s.compose(in)
	if err != nil {
		return nil, nil, err
	}
	r.Header.Relate(access.PartyCreator, a.ID)
	r.Channel = channel(a, in)
	ids, err := s.core.Run(ctx, a, "request.DRAFT", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		fresh := *r // the unit may run again
		if err := s.locate(ctx, a, &fresh, in); err != nil {
			return nil, err
		}
		return []string{r.ID}, s.rows.Insert(ctx, &fresh, store.Note{})
	})
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Get(ctx, a, ids[0])
	return v, notices, err
}

// compose checks the words and numbers of a draft and makes the request of them.
func (s *Service) compose(in DraftInput) (*Request, []usecase.Notice, error) {
	now := s.core.Time()
	r := &Request{Category: in.Category, Urgency: in.Urgency, Window: in.Window, Constraints: in.Constraints}
	r.ID = s.core.DB.NewID("req")
	r.Number = number(s.core.DB.Code(), r.ID, now)
	r.Header.State = string(Draft)
	if r.Urgency == "" {
		r.Urgency = Normal
	}
	var w words
	w.free(&r.Private.Title, &in.Title, 128, true, "title")
	w.free(&r.Private.Description, in.Description, 4000, false, "description")
	w.free(&r.Private.Address, in.Address, 200, false, "address")
	w.category(in.Category, "category")
	w.codes(codes.Constraint, in.Constraints, "constraints")
	w.window(in.Window, "window", s.core.Time())
	if in.Channel != nil {
		w.keep(usecase.InList(codes.RequestChannel, *in.Channel, "input", "channel"))
	}
	if len(in.NeedLines) > maxLines {
		w.keep(fault.New(fault.CodeTooMany, fault.At("input", "needLines"), fault.P("max", maxLines)))
	}
	for i, l := range in.NeedLines {
		own := words{at: []string{"input", "needLines", itoa(i)}}
		line, title := s.line(l, r.Category, &own)
		w.keep(own.err)
		w.notices = append(w.notices, own.notices...)
		r.Lines = append(r.Lines, line)
		r.entitle(line.ID, title)
	}
	w.keep(r.recur(in.Recurrence))
	return r, w.notices, w.err
}

// line makes one need line and its title; w checks them and says where they stand.
func (s *Service) line(in LineInput, category string, w *words) (Line, string) {
	l := Line{ID: s.core.DB.NewID("nl"), Kind: in.Kind, Category: category, Need: in.Quantity, Window: in.Window, Skills: in.Skills}
	if in.Category != nil {
		l.Category = *in.Category
		w.category(l.Category, "category")
	}
	title := ""
	w.free(&title, in.Title, 128, false, "title")
	w.keep(in.Quantity.Check(w.path("quantity")...))
	w.keep(in.Quantity.Same(unitOf(in.Kind, in.Quantity.Unit), w.path("quantity")...))
	w.window(in.Window, "window", s.core.Time())
	w.codes(codes.Skill, in.Skills, "skills")
	return l, title
}

// unitOf is the unit that a kind is counted in; goods, services and loans choose.
func unitOf(k Kind, given measure.Unit) measure.Unit {
	switch k {
	case KindFund:
		return measure.Fen
	case KindVenue, KindHours:
		return measure.Minute
	case KindGoods, KindService, KindInKind:
	}
	return given
}

// locate finds for whom and where, and the class that follows: inside the unit, so
// that a class lifted meanwhile is not missed.
func (s *Service) locate(ctx context.Context, a access.Actor, r *Request, in DraftInput) error {
	r.Header.Class = access.Public
	communityID := usecase.Or(in.CommunityID, "")
	if in.CommunityID != nil {
		if err := usecase.ID(communityID, "com", "input", "communityId"); err != nil {
			return err
		}
	}
	if in.RecipientID != nil {
		if err := usecase.ID(*in.RecipientID, "rcp", "input", "recipientId"); err != nil {
			return err
		}
		rcp, err := s.nouns.Recipients.Seen(ctx, a, *in.RecipientID)
		if err != nil {
			return fault.Under(err, "input", "recipientId")
		}
		r.Header.Subject, r.Header.Class, r.Header.Barred = rcp.ID, rcp.Header.Class, rcp.Header.Barred
		r.Header.Relate(access.PartyRecipient, rcp.ID)
		r.Header.Relate(access.PartyGuardian, rcp.ID)
		if communityID == "" {
			communityID = "com_" + rcp.Place()
		}
		if r.Private.Address == "" {
			r.Private.Address = rcp.Address()
		}
	}
	if communityID == "" {
		return fault.New(fault.CodeRequired, fault.At("input", "communityId"))
	}
	com, err := s.nouns.Communities.InUse(ctx, communityID)
	if err != nil {
		return fault.Under(err, "input", "communityId")
	}
	r.Place = com.ID[len("com_"):]
	return nil
}

// channel tells how the need came from the role of who entered it.
func channel(a access.Actor, in DraftInput) string {
	switch {
	case in.Channel != nil:
		return *in.Channel
	case in.RecipientID != nil && a.Is(access.Resident, *in.RecipientID):
		return "SELF"
	case in.RecipientID != nil && a.Is(access.Guardian, *in.RecipientID):
		return "GUARDIAN"
	case a.Has(access.Coordinator):
		return "DESK"
	case a.Has(access.SocialWorker):
		return "SOCIAL_WORKER"
	case a.Has(access.Volunteer):
		return "VOLUNTEER"
	}
	return "SELF"
}

// overdue drafts are purged after this time.
const draftLife = 72 * time.Hour

// Purge deletes drafts older than 72 hours, the oldest first. The system calls it; it
// returns how many went.
func (s *Service) Purge(ctx context.Context, _ access.Actor) (int, error) {
	old := store.Both(store.Is("state", string(Draft)), store.Below("created", s.core.Time().Add(-draftLife)))
	return usecase.Sweep(ctx, s.core, s.rows, store.Query{Where: old, Sort: "created"}, func(ctx context.Context, r *Request) (bool, error) {
		if r.State() != Draft {
			return false, nil
		}
		return true, s.rows.Delete(ctx, r.ID, store.Note{})
	})
}
