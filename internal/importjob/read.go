package importjob

import (
	"context"
	"io"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/sheet"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// shown is how many problems of each kind the API lists; the sheet has all that are kept.
const shown = 100

// View is a job as its starter sees it.
type View struct {
	ID           string
	File         string
	Table        *string
	CheckOnly    bool
	State        State
	Reason       *string
	Steps, Of    int
	Made, Known  int
	ProblemCount int
	Problems     []Problem
	Remarks      []Problem
	StartedAt    time.Time
	EndedAt      *time.Time
	revision     int64
}

// Problem is what is wrong, or deserves a look, in one place of the table.
type Problem struct{ sheet.Problem }

// Line is the row as the spreadsheet numbers it; nil for the file as a whole.
func (p Problem) Line() *int {
	if p.Row == 0 {
		return nil
	}
	return &p.Row
}

// Head is the header of the column; nil for the row as a whole.
func (p Problem) Head() *string { return usecase.Opt(p.Column) }

// Stable is the code of what is wrong.
func (p Problem) Stable() string { return string(p.Code) }

// Told is the reason in the reader's language.
func (p Problem) Told(ctx context.Context) string {
	if codes.English(ctx) {
		return p.En
	}
	return p.Zh
}

func view(j *Job, now time.Time) *View {
	return &View{
		ID: j.ID, File: j.File, Table: usecase.Opt(j.Table), CheckOnly: j.CheckOnly, State: j.StateAt(now), Reason: usecase.Opt(j.Reason),
		Steps: j.Steps, Of: j.Of, Made: j.Made, Known: j.Known, ProblemCount: j.Wrong, Problems: problems(j.Problems), Remarks: problems(j.Remarks),
		StartedAt: j.CreatedAt, EndedAt: usecase.Moment(j.EndedAt), revision: j.Revision,
	}
}

func problems(list []sheet.Problem) []Problem {
	out := make([]Problem, min(len(list), shown))
	for i := range out {
		out[i] = Problem{list[i]}
	}
	return out
}

// load reads a job of the actor's own; NOT_FOUND for others.
func (s *Service) load(ctx context.Context, a access.Actor, id string, path ...string) (*Job, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(id, prefix, path...); err != nil {
		return nil, err
	}
	j, err := s.rows.Get(ctx, id)
	if err == nil && j.Account != a.ID {
		return nil, fault.New(fault.CodeNotFound)
	}
	return j, err
}

// Get reads a job. Who: its starter; NOT_FOUND for others.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	j, err := s.load(ctx, a, id, "id")
	if err != nil {
		return nil, err
	}
	return view(j, s.core.Time()), nil
}

// List reads the actor's own jobs, newest first, at most 50.
func (s *Service) List(ctx context.Context, a access.Actor) ([]View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	page, err := s.rows.Find(ctx, store.Query{Where: store.Is("account", a.ID), Sort: "created", Desc: true, Limit: maxListed})
	if err != nil {
		return nil, err
	}
	out := make([]View, len(page.Items))
	for i, j := range page.Items {
		out[i] = *view(j, s.core.Time())
	}
	return out, nil
}

// look is how often a watched job is read.
const look = 500 * time.Millisecond

// Watch tells of one job: as it stands, then whenever that has changed, and io.EOF
// after its end. It reads the store, so that any process can tell of any job.
func (s *Service) Watch(a access.Actor, id string) func(context.Context) (*View, string, error) {
	var last *View
	return func(ctx context.Context) (*View, string, error) {
		if last != nil && last.State != Running {
			return nil, "", io.EOF
		}
		for {
			v, err := s.Get(ctx, a, id)
			if err != nil {
				return nil, "", err
			}
			if last == nil || v.revision != last.revision || v.State != last.State {
				last = v
				return v, "", nil
			}
			select {
			case <-ctx.Done():
				return nil, "", ctx.Err()
			case <-time.After(look):
			}
		}
	}
}

// Problems writes what is wrong in a job's table as a table, to be worked through
// beside it. Who: its starter.
func (s *Service) Problems(ctx context.Context, a access.Actor, id string, to io.Writer, format sheet.Format) error {
	j, err := s.load(ctx, a, id, "id")
	if err != nil {
		return err
	}
	wrong := intake.Invalid{Problems: j.Problems, Total: j.Wrong}
	return wrong.Write(to, format, codes.Locale(ctx))
}

// Cancel is a job to end.
type Cancel struct {
	ImportJobID    string
	IdempotencyKey *string `json:"-"`
}

// Cancel ends a job that runs, within a second or two; what is written stays. For one
// that has ended it changes nothing. Who: its starter.
func (s *Service) Cancel(ctx context.Context, a access.Actor, in Cancel) (*View, error) {
	ids, err := s.core.Run(ctx, a, "importjob.cancel", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		j, err := s.load(ctx, a, in.ImportJobID, "input", "importJobId")
		if err != nil || j.State != Running {
			return []string{in.ImportJobID}, err
		}
		j.Stop = true
		return []string{j.ID}, s.touch(ctx, j)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, a, ids[0])
}

// touch saves a job; the log tells nothing of it, only of what it makes.
func (s *Service) touch(ctx context.Context, j *Job) error { return s.rows.Touch(ctx, j, store.Note{}) }
