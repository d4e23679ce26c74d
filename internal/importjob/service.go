package importjob

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Why a job ends before its table does.
var (
	errStopped = errors.New("its starter ended the import")
	errRights  = errors.New("the rights of the import's starter changed")
	errClosed  = errors.New("the server stops")
)

// Service is the use cases of imports, and the imports that run in this process.
type Service struct {
	core     *usecase.Core
	accounts *account.Service
	nouns    intake.Nouns
	rows     *store.Collection[Job]
	log      *slog.Logger
	every    time.Duration // how often a job says how far it is, and asks whether it may go on

	mu     sync.Mutex
	closed bool
	ends   map[string]context.CancelCauseFunc // of what runs here, by id
	jobs   sync.WaitGroup
}

// New registers the noun; call it before the store starts.
func New(core *usecase.Core, accounts *account.Service, nouns intake.Nouns) *Service {
	return &Service{core: core, accounts: accounts, nouns: nouns, log: slog.Default(), every: time.Second, rows: store.Register(core.DB, spec()), ends: map[string]context.CancelCauseFunc{}}
}

// LogTo says where what goes wrong is told; call it before any other method.
func (s *Service) LogTo(log *slog.Logger) { s.log = log }

// Close interrupts what runs here and waits for it: the unit under way is finished, and
// starting the same table again goes on from there.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	for end := range maps.Values(s.ends) {
		end(errClosed)
	}
	s.mu.Unlock()
	s.jobs.Wait()
}

// Start is a table to import.
type Start struct {
	File      string // the name it has with its owner
	Table     string // which one it is, in either language; "" is told by the name
	CheckOnly bool   // write nothing
	Data      []byte
}

// Start begins an import and answers at once. The table is checked whole before its
// first row is written; each row meets the rules and rights of its starter, as if they
// had typed it. Who: accounts with a role (FORBIDDEN). One at a time for an account,
// two for a process: TOO_MANY. Tables of accounts are refused, since first passwords
// are told nobody over the API.
func (s *Service) Start(ctx context.Context, a access.Actor, in Start) (*View, error) {
	if err := s.May(a); err != nil {
		return nil, err
	}
	fresh := Job{Head: store.Head{ID: s.core.DB.NewID(prefix)}, Account: a.ID, CheckOnly: in.CheckOnly, State: Running, Beat: s.core.Time()}
	var err error
	if fresh.File, err = usecase.Text(in.File, maxFileName, true, "file"); err != nil {
		return nil, err
	}
	if in.Table != "" {
		if fresh.Table, err = intake.Table(in.Table); err != nil {
			return nil, fault.Under(err, "table")
		}
	}
	if len(in.Data) == 0 {
		return nil, fault.New(fault.CodeRequired, fault.At("body"))
	}
	running, err := s.enter(ctx, fresh.ID)
	if err != nil {
		return nil, err
	}
	if err = s.open(ctx, a, fresh); err != nil {
		s.leave(fresh.ID)
		return nil, err
	}
	v, err := s.Get(ctx, a, fresh.ID)
	a.Via = "import"
	go s.run(running, a, fresh, in.Data)
	return v, err
}

// May says whether the actor may start an import now, before its table is read:
// UNAUTHENTICATED, FORBIDDEN without a role, TOO_MANY without a place.
func (s *Service) May(a access.Actor) error {
	if err := usecase.SignedIn(a); err != nil {
		return err
	}
	if len(a.Grants) == 0 {
		return fault.New(fault.CodeForbidden)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ends) >= maxAtOnce {
		return fault.New(fault.CodeTooMany, fault.P("max", maxAtOnce))
	}
	return nil
}

// open saves the row of a job that begins, if its starter still has the rights with which
// they began to send the table.
func (s *Service) open(ctx context.Context, a access.Actor, fresh Job) error {
	now := s.core.Time()
	return s.core.DB.Tx(ctx, func(ctx context.Context) error {
		who, err := s.accounts.Load(ctx, a.ID)
		if err != nil {
			return err
		}
		if !slices.Equal(a.Grants, who.Rights(now)) {
			return fault.New(fault.CodeForbidden)
		}
		q := store.Query{Where: store.Is("account", fresh.Account), Sort: "created", Desc: true, Limit: maxListed, Guard: guard(fresh.Account)}
		page, err := s.rows.Find(ctx, q)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(page.Items, func(j *Job) bool { return j.StateAt(now) == Running }) {
			return fault.New(fault.CodeTooMany, fault.P("max", 1))
		}
		row := fresh
		return s.rows.Insert(ctx, &row, store.Note{})
	})
}

// enter takes one of the process's places; the context it gives ends with the job.
func (s *Service) enter(ctx context.Context, id string) (context.Context, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, fault.New(fault.CodeUnavailable)
	case len(s.ends) >= maxAtOnce:
		return nil, fault.New(fault.CodeTooMany, fault.P("max", maxAtOnce))
	}
	running, end := context.WithCancelCause(context.WithoutCancel(ctx))
	s.ends[id] = end
	s.jobs.Add(1)
	return running, nil
}

func (s *Service) leave(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends[id](nil)
	delete(s.ends, id)
	s.jobs.Done()
}

// Forget deletes jobs that began more than seven days ago. The system calls it; it
// returns how many went.
func (s *Service) Forget(ctx context.Context, _ access.Actor) (int, error) {
	over := store.Query{Where: store.Below("created", s.core.Time().Add(-kept)), Sort: "created"}
	return usecase.Sweep(ctx, s.core, s.rows, over, func(ctx context.Context, j *Job) (bool, error) {
		return true, s.rows.Delete(ctx, j.ID, store.Note{})
	})
}
