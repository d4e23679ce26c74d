package matching

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/assignment"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Bounds of what is accepted at once: how many items, and how long one takes a room or a
// person.
const (
	maxAccepted = 100
	maxTime     = 366 * 24 * time.Hour
)

// PlanAcceptInput is what a coordinator takes of a plan.
type PlanAcceptInput struct {
	Items          []PlanAcceptItem
	Lasts          *time.Duration
	IdempotencyKey *string `json:"-"`
}

// PlanAcceptItem is one supply to put to one line, as a plan proposed it or otherwise.
type PlanAcceptItem struct {
	NeedLineID        string
	CharityResourceID *string
	VolunteerID       *string
	Quantity          measure.Quantity
	StartsAt          *time.Time
	Task              *string
	MeetingPoint      *string
	Note              *string
}

// PlanResult is what became of one item: a proposal, an assignment offered, or an error.
type PlanResult struct {
	NeedLineID string
	Proposal   *View
	Assignment *assignment.View
	Notices    []usecase.Notice
	Err        error
}

// PlanAccept proposes each item to the owner of its resource, or offers it to its
// volunteer. Each is a unit of its own, in which every rule is asked again as of now, so
// that a plan made against an older board does no harm: LINE_COVERED where what is
// promised and proposed by now leaves less to be found than the item gives. Results come
// in the order of the items; an error of one keeps no other from its turn.
func (s *Service) PlanAccept(ctx context.Context, a access.Actor, in PlanAcceptInput) ([]PlanResult, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if len(in.Items) == 0 {
		return nil, fault.New(fault.CodeRequired, fault.At("input", "items"))
	}
	if len(in.Items) > maxAccepted {
		return nil, fault.New(fault.CodeTooMany, fault.At("input", "items"), fault.P("max", maxAccepted))
	}
	if in.IdempotencyKey != nil { // each item has one that is made of it
		if _, err := usecase.Text(*in.IdempotencyKey, 64, true, "input", "idempotencyKey"); err != nil {
			return nil, err
		}
	}
	out := make([]PlanResult, len(in.Items))
	busy := map[string][]measure.Task{} // what is offered here; what was promised before the offer itself asks
	for i, it := range in.Items {
		out[i] = s.acceptItem(ctx, a, it, busy, in.Lasts, itemKey(in.IdempotencyKey, i))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return out, nil
}

// clash refuses a volunteer's time that an earlier item has taken: ASSIGNMENT_OVERLAP.
func clash(w measure.Window, busy []measure.Task) error {
	if w.Whole().Clash(busy).IsZero() {
		return nil
	}
	return fault.New(fault.CodeOverlap, fault.At("input", "startsAt"), fault.P("from", w.From.Format(time.RFC3339)), fault.P("to", w.To.Format(time.RFC3339)))
}

// itemKey makes the key of a repeat into one for each item.
func itemKey(key *string, i int) *string {
	if key == nil {
		return nil
	}
	sum := sha256.Sum256([]byte(strconv.Itoa(i) + " " + *key))
	text := hex.EncodeToString(sum[:])
	return &text
}

// acceptItem does one item; busy is what earlier ones have taken of each volunteer.
func (s *Service) acceptItem(ctx context.Context, a access.Actor, it PlanAcceptItem, busy map[string][]measure.Task, lasts *time.Duration, key *string) (out PlanResult) {
	out.NeedLineID = it.NeedLineID
	if _, out.Err = oneSupply(it.NeedLineID, it.CharityResourceID, it.VolunteerID, "input"); out.Err != nil {
		return out
	}
	if out.Err = it.Quantity.Check("input", "quantity"); out.Err != nil {
		return out
	}
	r, line, err := s.requests.LoadLine(ctx, it.NeedLineID)
	if err != nil {
		out.Err = err
		return out
	}
	window, err := it.window(line.WindowOr(r))
	if err != nil {
		out.Err = err
		return out
	}
	if it.CharityResourceID != nil {
		out.Proposal, out.Notices, out.Err = s.Propose(ctx, a, ProposeInput{
			NeedLineID: it.NeedLineID, CharityResourceID: *it.CharityResourceID, Quantity: it.Quantity, Window: window,
			Note: it.Note, Lasts: lasts, WithinNeed: true, IdempotencyKey: key,
		})
		return out
	}
	if window == nil {
		out.Err = fault.New(fault.CodeRequired, fault.At("input", "startsAt"))
		return out
	}
	helper, minutes := *it.VolunteerID, int(it.Quantity.Value)
	if out.Err = clash(*window, busy[helper]); out.Err != nil {
		return out
	}
	out.Assignment, out.Notices, out.Err = s.helpers.Offer(ctx, a, assignment.OfferInput{
		ServiceRequestID: r.ID, NeedLineID: &it.NeedLineID, VolunteerID: helper, Task: usecase.Or(it.Task, ""),
		Window: *window, PlannedMinutes: &minutes, MeetingPoint: it.MeetingPoint, Lasts: lasts, WithinNeed: true, IdempotencyKey: key,
	})
	if out.Assignment != nil {
		busy[helper] = append(busy[helper], window.Whole())
	}
	return out
}

// window is the time that the item takes of a room or of somebody, or from which on a
// service is given in what is left of the wanted window: nil without a start.
func (it PlanAcceptItem) window(wanted *measure.Window) (*measure.Window, error) {
	if it.StartsAt == nil {
		return nil, nil
	}
	if it.Quantity.Unit != measure.Minute && it.VolunteerID == nil {
		w := measure.Window{From: *it.StartsAt, To: it.StartsAt.AddDate(0, 0, 1)}
		if wanted != nil {
			w.To = wanted.To
		}
		return &w, w.Check("input", "startsAt")
	}
	if err := it.Quantity.Same(measure.Minute, "input", "quantity"); err != nil {
		return nil, err
	}
	if most := int64(maxTime / time.Minute); it.Quantity.Value > most {
		return nil, fault.New(fault.CodeOutOfRange, fault.At("input", "quantity", "value"), fault.P("min", 1), fault.P("max", most))
	}
	return &measure.Window{From: *it.StartsAt, To: it.StartsAt.Add(time.Duration(it.Quantity.Value) * time.Minute)}, nil
}
