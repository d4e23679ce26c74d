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

// LineAddInput adds a need line.
type LineAddInput struct {
	ServiceRequestID string
	Line             LineInput
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// LineAdd adds a need line; it answers with the request and the line's id.
func (s *Service) LineAdd(ctx context.Context, a access.Actor, in LineAddInput) (*View, string, []usecase.Notice, error) {
	w := words{at: []string{"input", "line"}}
	line, title := s.line(in.Line, "", &w)
	if w.err != nil {
		return nil, "", nil, w.err
	}
	id := line.ID
	v, err := s.do(ctx, a, change{
		step: StepChange, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in, made: &id,
		rule: func(_ context.Context, r *Request, _ time.Time) error {
			if len(r.Lines) >= maxLines {
				return fault.New(fault.CodeTooMany, fault.At("input", "line"), fault.P("max", maxLines))
			}
			l := line
			if l.Category == "" {
				l.Category = r.Category
			}
			r.Lines = append(r.Lines, l)
			r.entitle(l.ID, title)
			return s.mayEdit(a, r, false)
		},
	})
	return v, id, w.notices, err
}

// LineChangeInput changes an open need line; what is nil stays.
type LineChangeInput struct {
	NeedLineID      string
	Title           *string
	Quantity        *measure.Quantity
	Window          *measure.Window
	Skills          []string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// LineChange changes a need line. Its quantity can't go below what is promised; lowered
// to what is promised it may complete the coverage, which arranges the request.
func (s *Service) LineChange(ctx context.Context, a access.Actor, in LineChangeInput) (*View, []usecase.Notice, error) {
	var w words
	w.window(in.Window, "window", s.core.Time())
	w.codes(codes.Skill, in.Skills, "skills")
	if in.Quantity != nil {
		w.keep(in.Quantity.Check("input", "quantity"))
	}
	if w.err != nil {
		return nil, nil, w.err
	}
	v, err := s.onLine(ctx, a, in.NeedLineID, change{
		step: StepChange, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
	}, func(r *Request, l *Line, now time.Time) error {
		w = words{}
		if in.Title != nil {
			title := ""
			w.free(&title, in.Title, 128, false, "title")
			r.entitle(l.ID, title)
		}
		if in.Quantity != nil {
			w.keep(in.Quantity.Same(l.Need.Unit, "input", "quantity"))
			if taken := l.Need.Value - l.Missing(now); in.Quantity.Value < taken {
				w.keep(fault.New(fault.CodeOutOfRange, fault.At("input", "quantity", "value"), fault.P("min", taken), fault.P("max", measure.MaxQuantity)))
			}
			l.Need = *in.Quantity
		}
		if in.Window != nil {
			l.Window = in.Window
		}
		if in.Skills != nil {
			l.Skills = in.Skills
		}
		w.keep(s.mayEdit(a, r, false))
		return w.err
	}, func(ctx context.Context, r *Request, now time.Time) (string, error) {
		return s.covered(ctx, a, r, StepChange, "", now)
	})
	return v, w.notices, err
}

// LineShortInput closes a need line that can't be fulfilled in whole.
type LineShortInput struct {
	NeedLineID      string
	Reason          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// LineShort closes a line with what it has got; what is only held for it is released.
func (s *Service) LineShort(ctx context.Context, a access.Actor, in LineShortInput) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.MatchDeclineReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	return s.endLine(ctx, a, in.NeedLineID, LineShort, in.Reason, change{
		step: StepShort, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in, reason: in.Reason,
	})
}

// LineCancelInput cancels a need line.
type LineCancelInput struct {
	NeedLineID      string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// LineCancel cancels a line that is no longer needed; what is held for it is released.
func (s *Service) LineCancel(ctx context.Context, a access.Actor, in LineCancelInput) (*View, []usecase.Notice, error) {
	return s.endLine(ctx, a, in.NeedLineID, LineCancelled, "", change{
		step: StepChange, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
	})
}

func (s *Service) endLine(ctx context.Context, a access.Actor, lineID string, end LineState, reason string, c change) (*View, []usecase.Notice, error) {
	v, err := s.onLine(ctx, a, lineID, c, func(r *Request, l *Line, now time.Time) error {
		if end == LineCancelled {
			if err := s.mayEdit(a, r, false); err != nil {
				return err
			}
		}
		if l.State(now) == LineFulfilled {
			return fault.New(fault.CodeAlreadyDecided, fault.At("input", "needLineId"), fault.P("state", string(LineFulfilled)))
		}
		l.Ended, l.Reason = end, reason
		return nil
	}, func(ctx context.Context, r *Request, now time.Time) (string, error) {
		if err := s.release(ctx, a, r, lineID, "REQUEST_ENDED"); err != nil {
			return "", err
		}
		return s.covered(ctx, a, r, c.step, reason, now)
	})
	return v, nil, err
}

// covered arranges a request whose lines ask for no more than is promised, after a step
// that made them ask for less.
func (s *Service) covered(ctx context.Context, a access.Actor, r *Request, taken Step, reason string, now time.Time) (string, error) {
	if r.State() != Matching || r.Coverage(now) != Full {
		return "", nil
	}
	return s.next(ctx, a, r, taken, reason, systemArrange, now)
}

// onLine runs a step of the request that a line belongs to.
func (s *Service) onLine(ctx context.Context, a access.Actor, lineID string, c change, rule func(*Request, *Line, time.Time) error, then func(context.Context, *Request, time.Time) (string, error)) (*View, error) {
	found, _, err := s.LoadLine(ctx, lineID)
	if err != nil {
		return nil, err
	}
	c.id, c.then = found.ID, then
	c.rule = func(_ context.Context, r *Request, now time.Time) error {
		l := r.Line(lineID)
		ended := LineCancelled
		if l != nil {
			ended = l.Ended
		}
		if ended != "" {
			return fault.New(fault.CodeAlreadyDecided, fault.At("input", "needLineId"), fault.P("state", string(ended)))
		}
		return rule(r, l, now)
	}
	return s.do(ctx, a, c)
}
