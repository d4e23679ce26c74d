package request

import (
	"context"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// Children are what belongs to a request and lives in other packages: proposals,
// allocations, assignments. They work on the request in hand, inside its unit; the
// request saves itself afterwards.
type Children interface {
	// Release ends what is not under way yet, of one line or ("") of all.
	Release(ctx context.Context, a access.Actor, r *Request, lineID, reason string) error
	// Dismiss ends what is not under way yet of those whom an id of the list stands for. It
	// answers with the kind under which a request is saved when such a thing ends, "" where
	// nothing has.
	Dismiss(ctx context.Context, a access.Actor, r *Request, ids []string, reason string) (kind string, err error)
	// Idle is ALLOCATIONS_OPEN while something is under way that Release does not end.
	Idle(ctx context.Context, r *Request) error
	// Settle closes the books of what was delivered; ALLOCATIONS_OPEN when it can't.
	Settle(ctx context.Context, a access.Actor, r *Request) error
	// Rehead copies the request's header to the children after it changed.
	Rehead(ctx context.Context, a access.Actor, r *Request) error
	// Parts are the participations that the children stand for.
	Parts(ctx context.Context, r *Request) ([]Participation, error)
	// Erase empties what the children say of the request's recipient (PIPL art. 47);
	// REQUESTS_OPEN while something is still on its way to them.
	Erase(ctx context.Context, a access.Actor, r *Request) error
}

// Nouns are the services that requests read.
type Nouns struct {
	Divisions   *division.Service
	Communities *community.Service
	Stations    *station.Service
	Workers     *socialworker.Service
	Recipients  *recipient.Service
	Volunteers  *volunteer.Service
	Policies    *policy.Service
}

// Service is the use cases of requests.
type Service struct {
	core     *usecase.Core
	rows     *store.Collection[Request]
	links    *store.Collection[link]
	nouns    Nouns
	children []Children
	claims   []Claims
	parted   []Parted
}

// New registers the noun; call it before the store starts.
func New(core *usecase.Core, nouns Nouns) *Service {
	s := &Service{core: core, nouns: nouns, rows: store.Register(core.DB, spec()), links: store.Register(core.DB, linkSpec())}
	nouns.Recipients.OnReclassify(s.reclassified)
	nouns.Recipients.OnErase(s.erased)
	nouns.Stations.OnClose(s.closing)
	return s
}

// Attach adds a package whose objects belong to requests. Call it while wiring.
func (s *Service) Attach(c Children) { s.children = append(s.children, c) }

// Load reads a request unmasked, for other packages' use cases inside their unit.
func (s *Service) Load(ctx context.Context, id string) (*Request, error) {
	if err := usecase.ID(id, "req", "input", "serviceRequestId"); err != nil {
		return nil, err
	}
	return s.rows.Get(ctx, id)
}

// LoadLine reads the request that a need line belongs to, unmasked, and the line.
func (s *Service) LoadLine(ctx context.Context, lineID string) (*Request, *Line, error) {
	if err := usecase.ID(lineID, "nl", "input", "needLineId"); err != nil {
		return nil, nil, err
	}
	page, err := s.rows.Find(ctx, store.Query{Where: store.Holds("lines", lineID), Limit: 1})
	if err != nil {
		return nil, nil, err
	}
	if len(page.Items) == 0 {
		return nil, nil, fault.New(fault.CodeNotFound)
	}
	r, err := s.rows.Get(ctx, page.Items[0].ID) // asserted at commit, unlike the search
	if err != nil {
		return nil, nil, err
	}
	return r, r.Line(lineID), nil
}

// Sight is the actor's view of requests.
func (s *Service) Sight(a access.Actor) *access.Sight { return access.See(a, Noun) }

// Rows is the collection, for the feed and the history, which decode its entries.
func (s *Service) Rows() *store.Collection[Request] { return s.rows }

// Promise brings a child's promise into the request and takes the step that
// follows from it: full coverage arranges, lost coverage opens matching again, and that
// of a request arranged with a part when nothing of the part is left. The caller saves with Keep.
func (r *Request) Promise(lineID string, p Promise, now time.Time) (kind string, err error) {
	if l := r.Line(lineID); l != nil {
		l.Promise(p)
	}
	covered := r.Coverage(now) == Full
	switch {
	case r.State() == Matching && covered:
		return r.take(systemArrange, now)
	case r.State() == Arranged && !covered && !r.Partial:
		return r.take(systemReopen, now)
	case r.State() == Arranged && r.Partial && r.Coverage(now) == None:
		// Arrange takes a part, never nothing: what it accepted is gone.
		r.Partial, r.Reason, r.ReasonList = false, "", ""
		return r.take(systemReopen, now)
	}
	return "", nil
}

// Start takes a request into service at the first check-in or dispatch; later
// ones change nothing.
func (r *Request) Start(now time.Time) (kind string, err error) {
	if r.State() == InService {
		return "", nil
	}
	return r.take(systemStart, now)
}

// Keep saves a request that a child's use case changed: as a change of version
// when a step was taken (kind is its event), else as a touch of that kind. The reason
// is a code of RELEASE_REASON, "" for none.
func (s *Service) Keep(ctx context.Context, a access.Actor, r *Request, kind, otherwise, reason string) error {
	if err := s.followClaims(ctx, a, r); err != nil {
		return err
	}
	if kind != "" {
		return s.rows.Replace(ctx, r, usecase.Note(a, kind, r.ID, reason))
	}
	return s.rows.Touch(ctx, r, usecase.Note(a, otherwise, r.ID, reason))
}

// May is the whole question "may this actor take this step on this request now":
// sight, relation, class and state, in this order, for other packages' steps.
func (s *Service) May(a access.Actor, r *Request, step Step) error {
	at := s.Sight(a).On(&r.Header)
	if err := r.may(at, step); err != nil {
		return err
	}
	if !r.State().Allows(step) {
		return r.refuse(r.allowed(at, s.core.Time()))
	}
	return nil
}

// may asks sight and relation; the state is the rule's own question. What a station,
// one that a request is referred to, or a supervisor may do with a request, only a
// protection officer does with a guarded one.
func (r *Request) may(at access.Standing, step Step) error {
	right := transition(step).May
	if err := at.May(right); err != nil {
		return err
	}
	if r.Guarded() && at.OnlyAs(right, access.ToStation, access.ToSupervised, access.ToReferred) && !at.Relations.Has(access.ToProtected) {
		return fault.New(fault.CodeOfficerRequired)
	}
	return nil
}

// allowed lists the steps the actor may take now.
func (r *Request) allowed(at access.Standing, now time.Time) []Step {
	out := []Step{}
	for _, step := range r.State().steps() {
		if r.may(at, step) == nil && r.also(at.Relations, step, now) {
			out = append(out, step)
		}
	}
	return out
}

// also asks what depends on more than state and relation.
func (r *Request) also(rel access.Relations, step Step, now time.Time) bool {
	switch step {
	case StepSettle:
		return r.Disputed
	case StepDispute:
		return !r.Disputed
	case StepLink:
		return r.Header.Class != access.Sealed
	case StepClose:
		return !r.Disputed
	case StepUnmerge:
		return r.unmergeable(now) == nil
	case StepAppeal:
		return r.appealable(now) == nil
	case StepAppealSettle:
		return r.Appeal.pending()
	case StepReopen:
		_, err := r.reopenable(rel, now)
		return err == nil
	case StepPropose:
		near := access.Rel(access.ToStation, access.ToProtected, access.ToOffered, access.ToHelped)
		return rel&near != 0 && r.Coverage(now) != Full
	case StepChange:
		own := rel&access.Rel(access.ToCreated, access.ToSelf, access.ToWard) != 0
		return own == (r.State() == Draft || r.State() == Returned) || rel&access.Rel(access.ToStation, access.ToProtected) != 0
	}
	return true
}

// number is what people say: the store, the day, and the id's last characters.
func number(storeCode, id string, now time.Time) string {
	tail := id[len(id)-6:]
	return strings.ToUpper(storeCode + "-" + strings.ReplaceAll(string(usecase.DateOf(now))[2:], "-", "") + "-" + tail)
}
