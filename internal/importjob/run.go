package importjob

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/sheet"
)

// run does a job to its end, whatever that is, and writes it down.
func (s *Service) run(ctx context.Context, a access.Actor, j Job, data []byte) {
	defer s.leave(j.ID)
	ctx, end := context.WithCancelCause(ctx)
	var steps, of atomic.Int64
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(s.every):
			}
			if err := s.beat(ctx, a, j.ID, int(steps.Load()), int(of.Load())); errors.Is(err, errStopped) || errors.Is(err, errRights) {
				end(err)
			} // what else went wrong, the next beat tries again
		}
	}()
	inputs := []intake.Input{{Name: j.File, Table: j.Table, Data: data}}
	progress := func(done, total int) {
		steps.Store(int64(done))
		of.Store(int64(total))
	}
	report, err := s.take(ctx, a, j.CheckOnly, inputs, progress)
	cause := context.Cause(ctx)
	end(nil)
	<-beating
	ctx = context.WithoutCancel(ctx)
	err = s.finish(ctx, j.ID, func(j *Job) {
		j.Steps, j.Of = int(steps.Load()), int(of.Load())
		if j.settle(report, err, cause); j.State == Failed {
			s.log.ErrorContext(ctx, "import failed", "import", j.ID, "cause", err)
		}
	})
	if err != nil {
		s.log.ErrorContext(ctx, "import's end not saved", "import", j.ID, "cause", err)
	}
}

// take runs the import itself; a panic in it is an error, and nobody else's end.
func (s *Service) take(ctx context.Context, a access.Actor, checkOnly bool, inputs []intake.Input, progress intake.Progress) (report *intake.Report, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if checkOnly {
		return nil, intake.CheckAs(ctx, a, inputs, s.nouns, progress)
	}
	return intake.ImportAs(ctx, a, inputs, s.nouns, progress)
}

// beat saves how far a job is, and tells why it has to end.
func (s *Service) beat(ctx context.Context, a access.Actor, id string, steps, of int) error {
	now := s.core.Time()
	return s.core.DB.Tx(ctx, func(ctx context.Context) error {
		j, err := s.rows.Get(ctx, id)
		if err != nil {
			return err
		}
		if j.Stop {
			return errStopped
		}
		who, err := s.accounts.Load(ctx, a.ID)
		if err != nil {
			return err
		}
		if !slices.Equal(a.Grants, who.Rights(now)) {
			return errRights
		}
		j.Beat, j.Steps, j.Of = now, steps, of
		return s.touch(ctx, j)
	})
}

// finish writes a job's end. A store that is away keeps it from that: then the job
// gives no more signs of life.
func (s *Service) finish(ctx context.Context, id string, with func(*Job)) error {
	now := s.core.Time()
	return s.core.DB.Tx(ctx, func(ctx context.Context) error {
		j, err := s.rows.Get(ctx, id)
		if err != nil {
			return err
		}
		with(j)
		j.EndedAt, j.Beat = now, now
		return s.touch(ctx, j)
	})
}

// settle takes down what became of the import.
func (j *Job) settle(report *intake.Report, err, cause error) {
	if report != nil {
		for _, f := range report.Files {
			j.Made, j.Known = j.Made+f.Made, j.Known+f.Known
		}
		j.Remarks = some(report.Remarks)
	}
	var invalid *intake.Invalid
	switch {
	case err == nil:
		j.State = Done
	case errors.As(err, &invalid):
		j.State, j.Reason, j.Wrong, j.Problems = Refused, string(fault.CodeImportInvalid), invalid.Total, some(invalid.Problems)
		if report != nil { // overtaken while it wrote: what was good when it was checked
			j.State = Failed
		}
	case errors.Is(cause, errStopped):
		j.State = Cancelled
	case errors.Is(cause, errRights):
		j.State, j.Reason = Cancelled, string(fault.CodeForbidden)
	case errors.Is(cause, errClosed):
		j.State = Interrupted
	default:
		j.State, j.Reason = Failed, string(fault.CodeOf(err))
	}
}

// some bounds what a job keeps: so many problems, of so many words each, for they quote
// the table's cells.
func some(list []sheet.Problem) []sheet.Problem {
	out := slices.Clone(list[:min(len(list), maxProblems)])
	for i := range out {
		for _, s := range []*string{&out[i].Column, &out[i].Zh, &out[i].En} {
			if r := []rune(*s); len(r) > maxWords {
				*s = string(r[:maxWords]) + "…"
			}
		}
	}
	return out
}
