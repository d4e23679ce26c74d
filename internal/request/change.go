package request

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/usecase"
)

// ChangeInput is a change of a request; what is nil stays.
type ChangeInput struct {
	ServiceRequestID string
	Category         *string
	Title            *string
	Description      *string
	Note             *string
	Urgency          *Urgency
	Window           *measure.Window
	Constraints      []string
	Address          *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Change changes a request: its creator or the recipient's side while it is a
// draft or was returned, the station until it is arranged. The note to helpers is
// the station's alone: FORBIDDEN for the asking side.
func (s *Service) Change(ctx context.Context, a access.Actor, in ChangeInput) (*View, []usecase.Notice, error) {
	var w words
	v, err := s.do(ctx, a, change{
		step: StepChange, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
		rule: func(_ context.Context, r *Request, now time.Time) error {
			if err := s.mayEdit(a, r, in.Note != nil); err != nil {
				return err
			}
			w = words{}
			r.edit(in, &w, now)
			return w.err
		},
	})
	return v, w.notices, err
}

// mayEdit tells the two sides apart: who asks edits what they have in hand, the
// station what it has taken in.
func (s *Service) mayEdit(a access.Actor, r *Request, note bool) error {
	rel := s.Sight(a).Relations(&r.Header)
	station := rel&access.Rel(access.ToStation, access.ToProtected, access.ToSystem) != 0
	asking := r.State() == Draft || r.State() == Returned
	if (!station && !asking) || (!station && note) {
		return fault.New(fault.CodeForbidden)
	}
	return nil
}

func (r *Request) edit(in ChangeInput, w *words, now time.Time) {
	said := r.Private.words()
	if in.Category != nil {
		w.category(*in.Category, "category")
		r.Category = *in.Category
	}
	w.free(&r.Private.Title, in.Title, 128, in.Title != nil, "title")
	w.free(&r.Private.Description, in.Description, 4000, false, "description")
	w.free(&r.Private.Note, in.Note, 2000, false, "note")
	w.free(&r.Private.Address, in.Address, 200, false, "address")
	if r.Private.words() != said {
		r.Wording++
	}
	if in.Urgency != nil {
		r.Urgency = *in.Urgency
	}
	if in.Window != nil {
		w.window(in.Window, "window", now)
		r.Window = in.Window
		// Until the first one is accepted nothing has come of the series: all of it moves.
		if s := r.Series; s != nil && s.EndedAt.IsZero() && (r.State() == Draft || r.State() == Returned && s.Next.IsZero()) {
			w.keep(r.recur(&RecurrenceInput{Rule: s.Rule, WorkingDaysOnly: s.WorkingDays}))
			r.Series.Skipped = s.Skipped
		}
	}
	if in.Constraints != nil {
		w.codes(codes.Constraint, in.Constraints, "constraints")
		r.Constraints = in.Constraints
	}
}
